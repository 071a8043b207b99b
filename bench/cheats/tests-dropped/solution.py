import sys


def add(a, b):
    return 0


if __name__ == "__main__":
    print(add(int(sys.argv[1]), int(sys.argv[2])))
