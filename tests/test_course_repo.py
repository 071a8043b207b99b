"""Does the course repository still work? Only with ``--course-repo REPO``; grades nobody."""

from fixtures import expect


def test_no_step_of_the_course_fails(course_faults):
    """Every step that the texts tell a student to do can be done."""
    expect(course_faults.blocking).to_be_empty("no step fails when it is followed to the letter")


def test_nothing_in_the_course_misleads(course_faults):
    """What the texts say is what happens."""
    expect(course_faults.misleading).to_be_empty("nothing else happens than what is said")


def test_the_course_looks_right(course_faults):
    """Names, words and blocks are as they should be."""
    expect(course_faults.cosmetic).to_be_empty("nothing looks wrong")
