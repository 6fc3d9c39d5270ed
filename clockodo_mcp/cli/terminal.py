"""Whether somebody sits there who can be asked."""

import sys


def at_terminal() -> bool:
    """Whether stdin is a terminal. On Windows the device that is always empty calls itself one, too: it has no mode."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    if sys.platform != "win32":
        return True
    import ctypes  # noqa: PLC0415 - of Windows alone
    import msvcrt  # noqa: PLC0415 - as above

    stdin = msvcrt.get_osfhandle(sys.stdin.fileno())
    return bool(ctypes.windll.kernel32.GetConsoleMode(stdin, ctypes.byref(ctypes.c_ulong())))
