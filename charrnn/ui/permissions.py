"""What a visitor may do: everything on one's own machine, and only read and write texts once others can reach it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Permissions:
    """Given to every tab, which leaves out, and refuses, what is not allowed."""

    training: bool = True  # start trainings, which take the machine's time and disk
    paths: bool = True  # name files and folders of this machine


EVERYTHING = Permissions()
