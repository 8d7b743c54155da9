"""What goes wrong before anything is served.

EmulatorError          the command line or the machine: said in one sentence, then exit
└── TemplateError      the template: names the resource and what is wrong with it
"""


class EmulatorError(Exception):
    """Raised with one sentence that says what is wrong and what to do about it."""


class TemplateError(EmulatorError):
    """Raised when a template cannot be run; the sentence begins with the resource's name."""
