"""What the storms share: ending random commands with SIGKILL."""
import os
import signal
import threading


class Killer(threading.Thread):
    """Ends what a random worker runs just now (`current`), alone or with the git that it runs, until stopped."""

    def __init__(self, workers, dice):
        super().__init__(daemon=True)
        self.workers, self.dice, self.stop, self.kills = workers, dice, threading.Event(), 0

    def strike(self):
        process = self.dice.choice(self.workers).current
        if process is None:
            return
        try:
            (os.killpg if self.dice.random() < 0.5 else os.kill)(process.pid, signal.SIGKILL)
            self.kills += 1
        except ProcessLookupError:
            pass

    def run(self):
        while not self.stop.wait(self.dice.uniform(0.05, 0.4)):
            self.strike()
