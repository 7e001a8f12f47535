"""The corpus doctor: what a text holds, what is wrong with it, and which repair mends it."""

from charrnn.corpus.doctor.examination import EXAMINED, examine, examine_work, repairable
from charrnn.corpus.doctor.report import Character, Example, Finding, Report

__all__ = ["EXAMINED", "Character", "Example", "Finding", "Report", "examine", "examine_work", "repairable"]
