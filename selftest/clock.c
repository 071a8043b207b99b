/* A wall clock that jumps, for the processes that preload this: ahead of the true one by the seconds (int64) in the
   file that TOPICMARK_CLOCK names, at once when the file changes. The monotonic clock, file times and whoever asks the
   kernel itself are not touched. Waits until a moment of the wall clock end when that clock says so.

   Not libfaketime: its clock_nanosleep (0.9.10) fails with EINVAL now and then, which Python's sleep (3.11) dies of. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none = 0;
static const volatile int64_t *ahead_s = &none;

__attribute__((constructor)) static void look(void) {
  const char *path = getenv("TOPICMARK_CLOCK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *seen = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (seen != MAP_FAILED) ahead_s = seen;
  close(file);
}

static int is_wall(clockid_t id) { return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI; }

/* A moment of the wall clock as the kernel sees it. */
static struct timespec true_moment(const struct timespec *at) {
  struct timespec moment = *at;
  moment.tv_sec -= *ahead_s;
  return moment;
}

/* The newest version of a function of the C library: dlsym may find the one that old programs want. */
static void *original(const char *name) {
#if defined(__x86_64__)
  void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
#else
  void *found = NULL;
#endif
  return found ? found : dlsym(RTLD_NEXT, name);
}

int clock_gettime(clockid_t id, struct timespec *now) {
  int result = syscall(SYS_clock_gettime, id, now);
  if (result == 0 && is_wall(id)) now->tv_sec += *ahead_s;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec read;
  int result = clock_gettime(CLOCK_REALTIME, &read);
  if (result == 0) *now = (struct timeval){read.tv_sec, read.tv_nsec / 1000};
  return result;
}

time_t time(time_t *out) {
  struct timespec read;
  clock_gettime(CLOCK_REALTIME, &read);
  if (out) *out = read.tv_sec;
  return read.tv_sec;
}

int timespec_get(struct timespec *now, int base) { return clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0; }

int pthread_cond_timedwait(pthread_cond_t *restrict what, pthread_mutex_t *restrict held,
                           const struct timespec *restrict at) {
  static int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  if (!wait) wait = original("pthread_cond_timedwait");
  struct timespec moment = true_moment(at);
  return wait(what, held, at->tv_sec > 1000000000 ? &moment : at); /* less is monotonic: since the machine began */
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict what, const struct timespec *restrict at) {
  static int (*wait)(pthread_mutex_t *, const struct timespec *);
  if (!wait) wait = original("pthread_mutex_timedlock");
  struct timespec moment = true_moment(at);
  return wait(what, &moment);
}

int sem_timedwait(sem_t *restrict what, const struct timespec *restrict at) {
  static int (*wait)(sem_t *, const struct timespec *);
  if (!wait) wait = original("sem_timedwait");
  struct timespec moment = true_moment(at);
  return wait(what, &moment);
}
