"""What is secret never reaches a record.

The first line are places that are known to hold secrets (:mod:`places`), and command lines, in
which one word tells of the next (:mod:`commands`); the second is a scan for what looks like one
(:mod:`patterns`). What is found is replaced wherever it stands, one value by the same placeholder
everywhere, so that what was equal stays equal (:mod:`redactor`).
"""
