"""A class run over a Dask cluster: the same bytes as without one, nothing lost, nothing doubled, no secret sent."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from explainer import cluster as clusters
from explainer import handing_out
from explainer.cli import main
from explainer.formulas.problems import ExplainerError
from explainer.handing_out import Run, hand_out, orders_for_variants
from explainer.press import Wish
from tests.formats.paper import need
from tests.handouts.test_classes import SECRET, quiet, run, tree

ORDERS = orders_for_variants(60)


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    """Two workers, each a process, with a scheduler."""
    with need("distributed").LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started:
        yield started


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """More pieces of work than workers."""
    monkeypatch.setattr(handing_out, "CHUNK", 4)


def kill_one_at_work(local: Any) -> int:
    """End a worker that has something to do, as a crash would; gives its process."""
    from distributed import Client

    with Client(local.scheduler_address, set_as_default=False) as client:
        processes = client.run(os.getpid)
        busy = [address for address, tasks in client.processing().items() if tasks]
        os.kill(processes[busy[0]], signal.SIGKILL)
        return int(processes[busy[0]])


def test_a_worker_is_killed_on_the_way(local: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sheet is there, each was written once, and the bytes are those of a run without a cluster."""
    written: Counter[Path] = Counter()
    write = handing_out.write_folder
    seen: list[int] = []
    killed: list[int] = []

    def counted(folder: Path, files: Any) -> None:
        written[folder] += 1
        write(folder, files)

    def progress(done: int, of: int) -> None:
        seen.append(done)
        if 0 < done < of and not killed:
            killed.append(kill_one_at_work(local))

    monkeypatch.setattr(handing_out, "write_folder", counted)
    there = run(tmp_path / "cluster", formats=("md", "html"))
    done = hand_out(there, ORDERS, 1, progress, local.scheduler_address)
    assert killed
    assert (done.made, done.there) == (60, 0)
    assert seen == list(range(0, 61, 4))
    assert set(written.values()) == {1}
    assert len(written) == 2 * len(ORDERS)
    hand_out(run(tmp_path / "here", formats=("md", "html")), ORDERS, 1, quiet)
    assert tree(tmp_path / "cluster") == tree(tmp_path / "here")


def test_an_interrupted_run_goes_on(local: Any, tmp_path: Path) -> None:
    """Ctrl-C leaves whole sheets and nothing to do for the cluster; the same command makes the rest."""
    from distributed import Client

    def impatient(done: int, of: int) -> None:
        if done:
            raise KeyboardInterrupt

    address = local.scheduler_address
    with pytest.raises(KeyboardInterrupt):
        hand_out(run(tmp_path / "a", spec="neuron"), ORDERS, 1, impatient, address)
    with Client(address, set_as_default=False) as client:
        waiting = time.monotonic() + 10
        while any(client.processing().values()) and time.monotonic() < waiting:
            time.sleep(0.05)
        assert not any(client.processing().values())
    done = hand_out(run(tmp_path / "a", spec="neuron"), ORDERS, 1, quiet, address)
    assert done.there >= 4
    assert done.made + done.there == len(ORDERS)
    hand_out(run(tmp_path / "b", spec="neuron"), ORDERS, 1, quiet)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_the_command(local: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it made; what is wrong on a worker is told in the same words as at home."""
    command = [
        "handout",
        "neuron",
        "--variants",
        "9",
        "--scheduler",
        local.scheduler_address,
        "-o",
        str(tmp_path / "a"),
    ]
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("9 sheets made\n")
    path = tmp_path / "tight.toml"
    path.write_text('[given]\na = 2.5\n[formulas]\nb = "log(3 - a)"\n[variants]\na = { from = 3.1, to = 4.9 }\n')
    assert main(["handout", str(path), *command[2:-1], str(tmp_path / "b")]) == 2
    assert 'the rule "no value" rejected' in capsys.readouterr().err


def test_workers_with_another_version_are_refused(local: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They might make other sheets; it says which worker, and what it has."""
    clusters.made_with.cache_clear()
    monkeypatch.setattr(clusters, "__version__", "99.0")
    with pytest.raises(
        ExplainerError, match=r"worker tcp://\S+: has explainer \S+, here it is 99.0\n    install the same"
    ):
        hand_out(run(tmp_path), ORDERS, 1, quiet, local.scheduler_address)
    clusters.made_with.cache_clear()
    assert not (tmp_path / "sheets").exists()


def test_a_worker_that_comes_later_is_asked_too() -> None:
    """With every piece of work, by its versions."""
    ours = clusters.made_with(clusters.USED)
    assert clusters.work_alike(ours, pow, 2, 5) == 32
    with pytest.raises(ExplainerError, match=r"a worker has sympy \S+, here it is 0.1"):
        clusters.work_alike({**ours, "sympy": "0.1"}, pow, 2, 5)


class Posted(Executor):
    """Does the work at once, with nothing but what can be sent."""

    def __init__(self, before: Callable[[], None]) -> None:
        self.before = before
        self.sent: list[bytes] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As a cluster does."""
        self.sent.append(pickle.dumps((fn, args, kwargs)))
        self.before()
        future: Future[Any] = Future()
        work, given, named = pickle.loads(self.sent[-1])
        future.set_result(pickle.loads(pickle.dumps(work(*given, **named))))
        return future


def test_what_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content of the file and of its style, so that no disk need be shared; not the secret, and no path."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "style.toml").write_text("[display]\ndecimals = 3\n")
    path = tmp_path / "class" / "file.toml"
    path.write_text('style = "style.toml"\n[given]\na = 2.5\n[parameters]\nb = 3.5\n[formulas]\nc = "a*b/7"\n')

    def no_disk() -> None:
        if path.exists():
            path.rename(tmp_path / "elsewhere.toml")
            (tmp_path / "class" / "style.toml").unlink()

    posted = Posted(no_disk)

    @contextmanager
    def at(address: str, printing: bool) -> Iterator[clusters.Cluster]:
        yield clusters.Cluster(posted, 2, clusters.made_with(clusters.USED))

    monkeypatch.setattr(clusters, "at", at)
    wish = Wish(str(path), seed=3)
    hand_out(Run(wish, tmp_path / "here", SECRET), ORDERS, 1, quiet)
    hand_out(Run(wish.whole(), tmp_path / "there", SECRET), ORDERS, 1, quiet, "tcp://nowhere:1")
    assert not path.exists()
    assert tree(tmp_path / "here") == tree(tmp_path / "there")
    sent = b"".join(posted.sent)
    assert len(posted.sent) == 15
    assert b"decimals = 3" in sent
    assert SECRET not in sent
    assert str(tmp_path / "there").encode() not in sent


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:1", r"no answer within 1 seconds|refused"),
        ("somewhere", "missing port number"),
        ("", "missing port number"),
        ("phone://1234", "unknown address scheme"),
    ],
)
def test_an_address_where_nobody_is(
    address: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, within seconds."""
    need("distributed")
    monkeypatch.setattr(clusters, "PATIENCE", 1)
    command = ["handout", "neuron", "--variants", "9", "--scheduler", address, "-o", str(tmp_path)]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"explainer: --scheduler: {address}: cannot be reached (")
    assert any(part in said for part in reason.split("|"))


def test_a_door_where_somebody_else_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that waits to be spoken to first, as that of a web page does."""
    need("distributed")
    monkeypatch.setattr(clusters, "PATIENCE", 1)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        with pytest.raises(ExplainerError, match="cannot be reached"):
            hand_out(run(tmp_path), ORDERS, 1, quiet, f"tcp://127.0.0.1:{door.getsockname()[1]}")


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    command = ["handout", "neuron", "--variants", "9", "--scheduler", "tcp://127.0.0.1:1", "-o", str(tmp_path)]
    assert main(command) == 2
    assert 'pip install "explainer[cluster]"' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--variants", "3", "--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"], "not allowed with argument"),
        (["--scheduler", "tcp://127.0.0.1:1"], "--scheduler: is for many sheets\n    --variants N, or --students CSV"),
    ],
)
def test_wishes_that_do_not_go_together(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    try:
        code = main(["handout", "neuron", *arguments, "-o", str(tmp_path)])
    except SystemExit as stopped:
        code = int(str(stopped.code))
    assert code == 2
    assert message in capsys.readouterr().err
