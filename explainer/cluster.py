"""A Dask cluster as an executor. Whoever works there must have what we have, so that it makes the same bytes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from .formulas.problems import ExplainerError
from .resources import PACKAGE, template_folder
from .version import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor

MISSING = """--scheduler: needs Dask's `distributed`, which is not installed
    pip install "explainer[cluster]" """.rstrip()
PATIENCE = 5
"""In seconds, how long to wait for a scheduler to answer."""
AT_ONCE = 4
"""So many pieces of work are under way for each thread of the cluster."""
USED = ("sympy", "mpmath", "jinja2", "markupsafe", "msgspec", "markdown-it-py", "mdit-py-plugins", "math-core")
PRINTING = ("typst", "pypdf")
SAME = "install the same everywhere: what is made must not hang on where it is made"
GOES_ON = "the same command goes on from here"
Versions = Mapping[str, str]
Result = TypeVar("Result")
Argument = TypeVar("Argument")


class Cluster(Struct, frozen=True):
    """What works for us."""

    executor: Executor
    room: int
    """How much may be under way at a time."""
    ours: Versions

    def task(self, work: Callable[[Argument, Any], Result], argument: Argument) -> Callable[[Any], Result]:
        """The work with its first argument, for a worker that has our versions, be it one that came later."""
        return partial(work_alike, dict(self.ours), work, argument)


@contextmanager
def at(address: str, printing: bool = False) -> Iterator[Cluster]:
    """The cluster of the scheduler at an address; with ``printing`` it must have our typesetter as well.

    Raises:
        ExplainerError: where there is none, it has no workers, or they have other versions; and where it is lost on
            the way.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ExplainerError(MISSING) from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is told below, in our words
    ours = made_with((*USED, *(PRINTING if printing else ())))
    try:
        asyncio.run(_greeted(address))
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # whatever else may answer at that address
        raise ExplainerError(f"--scheduler: {address}: cannot be reached ({_reason(error)})") from None
    try:
        threads = _checked(client, address, ours)
        with _told(address):
            yield Cluster(client.get_executor(pure=False), AT_ONCE * threads, ours)
    finally:
        with suppress(Exception):
            client.close(timeout=PATIENCE)


async def _greeted(address: str) -> None:
    """Waits for a scheduler's greeting. A client would wait for ever at a door where nobody speaks its language."""
    from distributed import Security
    from distributed.comm import connect

    async with asyncio.timeout(PATIENCE):
        comm = await connect(address, timeout=PATIENCE, **Security().get_connection_args("client"))
    await comm.close()


def _reason(error: Exception) -> str:
    match error:
        case TimeoutError():
            return f"no answer within {PATIENCE} seconds"
        case OSError() | ValueError():
            return _first_line(error)
    return "what answers there is no scheduler"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _checked(client: Any, address: str, ours: Versions) -> int:
    """How many threads the cluster has; refuses workers that have other versions than we."""
    with _told(address):
        threads: int = sum(client.nthreads().values())
        theirs = client.run(_asking(tuple(name for name in ours if name in (*USED, *PRINTING)))) if threads else {}
    if not theirs:
        raise ExplainerError(f"--scheduler: {address}: has no workers\n    start some: dask worker {address}")
    for worker, found in theirs.items():
        if found != ours:
            raise ExplainerError(f"--scheduler: worker {worker}: {_difference(found, ours)}\n    {SAME}")
    return threads


def _asking(names: tuple[str, ...]) -> Callable[[], Versions]:
    """What a worker is asked. It is sent as a whole, since it may be that there is no explainer."""

    def made_there() -> Versions:
        try:
            from explainer.cluster import made_with
        except ImportError as error:
            return {"explainer": f"none that we know ({error})"}
        return made_with(names)

    return made_there


def _difference(theirs: Versions, ours: Versions) -> str:
    name = next(name for name in ours if theirs.get(name) != ours[name])
    return f"has {name} {theirs.get(name, 'not')}, here it is {ours[name]}"


def work_alike(ours: Versions, work: Callable[[Any, Any], Result], *arguments: Any) -> Result:
    """The work, where everything is as at home.

    Raises:
        ExplainerError: where it is not.
    """
    theirs = made_with(tuple(name for name in ours if name in (*USED, *PRINTING)))
    if theirs != ours:
        raise ExplainerError(f"--scheduler: a worker {_difference(theirs, ours)}\n    {SAME}")
    return work(*arguments)


@contextmanager
def _told(address: str) -> Iterator[None]:
    """What goes wrong in a cluster, in our words."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except ExplainerError:
        raise
    except KilledWorker:
        reason = "several workers were ended over the same sheets; they may lack memory"
    except (CancelledError, CommClosedError, TimeoutError, OSError):
        reason = "the connection is lost"
    except (ImportError, RuntimeError) as error:
        reason = f"explainer cannot be used there ({_first_line(error)})"
    else:
        return
    raise ExplainerError(f"--scheduler: {address}: {reason}\n    {GOES_ON}")


# ---------------------------------------------------------------- versions


@cache
def made_with(names: tuple[str, ...]) -> Versions:
    """Our version, that of each package by name, and a mark of our own files, templates included."""
    return {"explainer": __version__, "files of explainer": _mark(), **{name: _version(name) for name in names}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


@cache
def _mark() -> str:
    """A hash of everything that a sheet may be made with."""
    places = [(PACKAGE, path) for path in PACKAGE.rglob("*.py")]
    places += [(template_folder(), path) for path in template_folder().rglob("*.*") if _is_template(path)]
    mark = sha256()
    for name, path in sorted((path.relative_to(root).as_posix(), path) for root, path in places):
        mark.update(f"{name}\n".encode() + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return mark.hexdigest()[:12]


def _is_template(path: Path) -> bool:
    """Whether a file is a template, and none that an editor or a system has left there."""
    return path.is_file() and path.suffix in (".j2", ".css", ".typ")
