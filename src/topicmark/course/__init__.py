"""Does the course still work? A course's texts, manifests and programs read as a plan, and what in it will fail.

Five layers, each knowing those before it: ``reading`` (files as data), ``plan`` (what each step needs, makes and
deletes), ``findings`` (what a finding is), ``checks`` (one module per kind of fault), ``reports`` (terminal, SARIF,
baseline, fixes).
Nothing of a course is run, and nothing is fetched. ``replay`` says what of the plan can be carried out and judges what
came of it; what runs it is handed in from outside.
"""

from topicmark.course.checking import examine
from topicmark.course.findings import Finding, Severity

__all__ = ["Finding", "Severity", "examine"]
