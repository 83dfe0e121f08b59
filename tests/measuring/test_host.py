import subprocess
import sys

import pytest

from measuring.host import OtherLoad

BUSY = "import time\nwhile time.process_time() < 1.0: pass\nprint('done', flush=True)\ntime.sleep(60)"


@pytest.mark.alone
def test_a_process_is_of_others_until_it_has_been_waited_for() -> None:
    load = OtherLoad()
    process = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE)
    with process:
        assert process.stdout
        process.stdout.readline()
        others = load.seconds()
        process.kill()
    assert others > 0.9
    assert others - load.seconds() > 0.9
