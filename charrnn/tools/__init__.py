"""Help with a text of one's own: what a writer or a teacher uses models of Portuguese for, a module for each use.

In: a text. Out: a value that says what to change where, and how sure that is; the commands and the page show it.
"""
