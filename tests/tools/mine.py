"""What is the learner's: the folder my/, which Git ignores, with the answers NN.k.cpp, and in progress.json what was
passed and how many hints were shown.

Anything may be there. What cannot be used is refused with one line that says what it is, and is not written over.
"""

import json
import os
import secrets
import stat

from speaking import ROOT, Refusal, shown

FOLDER = ROOT / "my"
PROGRESS = FOLDER / "progress.json"
LARGEST = 1 << 20  # bytes, of an answer and of what is remembered

KINDS = {stat.S_IFDIR: "a folder", stat.S_IFREG: "a file", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket",
         stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


def named(path):
    return "my" if path == FOLDER else f"my/{path.name}"


def kind_of(path, expected):
    """What is there, after all links: "a file", …; None for nothing. `expected` is for the message."""
    try:
        return KINDS.get(stat.S_IFMT(os.stat(path).st_mode), "something else")
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.islink(path):
            return None
        raise Refusal(f"{named(path)}: expected {expected}, found a link that leads nowhere" if os.path.islink(path)
                      else f"{named(path)}: expected {expected}: {error.strerror}") from None


def check_folder():
    """Whether my/ is there. Throws when it is no folder."""
    kind = kind_of(FOLDER, "a folder")
    if kind not in (None, "a folder"):
        raise Refusal(f"my: expected a folder, found {kind}")
    return kind is not None


def read(path):
    """The bytes of a file in my/, or None where there is no such file."""
    if not check_folder():
        return None
    kind = kind_of(path, "a file")
    if kind is None:
        return None
    if kind != "a file":  # a named pipe, say, would be waited for
        raise Refusal(f"{named(path)}: expected a file, found {kind}")
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Refusal(f"{named(path)}: {error.strerror}") from None
    if len(content) > LARGEST:
        raise Refusal(f"{named(path)}: expected a file of at most 1 MiB, found a larger one")
    return content


def write(path, content):
    """Writes a file in my/: as a whole, or not at all."""
    try:
        FOLDER.mkdir(exist_ok=True)
        target = os.path.realpath(path)  # a link stays one
        part = os.path.join(os.path.dirname(target), f".part-{secrets.token_hex(8)}")
        try:
            with open(part, "xb") as file:
                file.write(content)
            os.replace(part, target)
        except BaseException:
            if os.path.lexists(part):
                os.unlink(part)
            raise
    except OSError as error:
        raise Refusal(f"{named(path)}: cannot be written: {error.strerror}") from None


def check_that_it_can_be_remembered():
    """Refuses before any work what would be lost after it."""
    target = os.path.dirname(os.path.realpath(PROGRESS)) if check_folder() else ROOT
    if not os.access(target, os.W_OK | os.X_OK):
        raise Refusal(f"{named(PROGRESS)}: cannot be written: no files can be made in {shown(target, 200)}")


def json_kind(value):
    kinds = ((bool, "true or false"), (dict, "an object"), (list, "a list"), (str, "a text"),
             ((int, float), "a number"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def read_progress():
    """{exercise: {"passed": the digest of the answer that passed, "hints": how many were shown}}."""
    content = read(PROGRESS)
    if content is None:
        return {}

    def refuse(where, expected, found):
        raise Refusal(f"{named(PROGRESS)}: {where}expected {expected}, found {found}; "
                      "delete the file to start over")

    try:
        progress = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        refuse("", "text in UTF-8", "other bytes")
    except (ValueError, RecursionError):
        refuse("", "JSON", "something else" if content.strip() else "an empty file")
    if not isinstance(progress, dict):
        refuse("", "an object", json_kind(progress))
    for name, entry in progress.items():
        where = f"{shown(name)}: "
        if not isinstance(entry, dict):
            refuse(where, "an object", json_kind(entry))
        passed, hints = entry.get("passed", ""), entry.get("hints", 0)
        if not isinstance(passed, str):
            refuse(where + "passed: ", "a text", json_kind(passed))
        if isinstance(hints, bool) or not isinstance(hints, int):
            refuse(where + "hints: ", "a whole number", json_kind(hints))
        if not 0 <= hints < 1000:
            refuse(where + "hints: ", "a number from 0 to 999", shown(hints, 20))
    return progress


def write_progress(progress):
    write(PROGRESS, (json.dumps(progress, indent=2, sort_keys=True) + "\n").encode())


def remember(name, key, value):
    progress = read_progress()
    progress.setdefault(name, {})[key] = value
    write_progress(progress)


def forget(name):
    progress = read_progress()
    if progress.pop(name, None) is not None:
        write_progress(progress)


def free_name(name):
    """A file of my/ that is not there, for an answer that is not to be lost: my/01.1-before-1.cpp."""
    number = 1
    while os.path.lexists(FOLDER / f"{name}-before-{number}.cpp"):
        number += 1
    return FOLDER / f"{name}-before-{number}.cpp"
