#!/usr/bin/env python3
"""The rescue campaign: 100 runs that are too hot and 300 healthy ones, and how they end. See docs/rescue.md.

    python3 bench/Rescue/rescue.py FOLDER [PROGRAM] [--seed N] [--only hot|healthy] [--table]

FOLDER takes the experiments, the state directory and list.json; running again goes on where it was left. PROGRAM is the
curvature.dll to drive, default that of this checkout's Release build. --table only prints what is there.
"""

import argparse
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "src/Cli/bin/Release/net10.0/curvature.dll"
OPTIMIZERS = ["heavy-ball", "nesterov", "adam", "rmsprop"]
FACTORS = [10, 30, 60, 100, 300]
HEALTHY_FACTORS = [0.3, 0.6, 1]
USEFUL = 0.7

IMAGES = "data.name = fashion-mnist-small\n  training.batch-size = 32"
TEXT = "data { name = paradise-lost, sequence-length = 16 }\n  training.batch-size = 16"
BLOCK = "normalization = layer, activation = gelu, transformer { width = %d, heads = 2, depth = 1, mlp-ratio = 2, patch-size = 7 }"

# Name: data, model, and the best rate of each optimizer over 400 steps, found on other seeds to half a decade.
MODELS = {
    "mlp": (IMAGES, "model { kind = mlp, hidden = [32] }", [0.01, 0.01, 0.003, 0.0005]),
    "cnn": (IMAGES, "model { kind = cnn, channels = [4, 8], hidden = [32] }", [0.01, 0.01, 0.003, 0.001]),
    "transformer": (IMAGES, "model { kind = transformer, " + BLOCK % 16 + " }", [0.03, 0.03, 0.003, 0.001]),
    "char-transformer": (TEXT, "model { kind = char-transformer, " + BLOCK % 24 + " }", [0.1, 0.1, 0.003, 0.001]),
    "lstm": (TEXT, "model { kind = lstm, lstm.width = 32 }", [0.3, 0.3, 0.01, 0.003]),
}


def experiment(name, data, model, best, factors, seed, seeds):
    points = ",\n    ".join(
        '{ "optimizer.kind" = %s, "optimizer.learning-rate" = %.4g }' % (optimizer, rate * factor)
        for optimizer, rate in zip(OPTIMIZERS, best)
        for factor in factors)
    return f"""curvature {{
  experiment.name = {name}
  seed = {seed}
  {data}
  data {{ train-examples = 1000, test-examples = 500 }}
  {model}
  training {{ steps = 400, evaluate-every = 400 }}
  probe {{ dense-steps = 0, every = 400 }}
  sweep.seeds = {seeds}
  sweep.runs = [
    {points}
  ]
}}
"""


def run(folder, program, seed, only):
    state = folder / "state"
    for kind, factors, seeds in (("hot", FACTORS, 1), ("healthy", HEALTHY_FACTORS, 5)):
        if only not in (None, kind):
            continue
        for model, (data, text, best) in MODELS.items():
            file = folder / f"{kind}-{model}.conf"
            # The healthy runs have seeds of their own.
            first = seed if kind == "hot" else seed + 100
            file.write_text(experiment(f"{kind}-{model}", data, text, best, factors, first, seeds))
            with open(folder / f"{kind}-{model}.log", "w") as log:
                # 3: some run ended diverged, which is what is counted here.
                code = subprocess.run(
                    ["dotnet", program, "run", file, "--state", state, "--plain"], stdout=log, stderr=log).returncode
                if code not in (0, 3):
                    raise SystemExit(f"{file.name} ended with exit code {code}: see {log.name}")
    listed = subprocess.run(["dotnet", program, "list", "--state", state, "--json"], capture_output=True, check=True)
    (folder / "list.json").write_bytes(listed.stdout)


def table(folder):
    runs = json.loads((folder / "list.json").read_text())
    accuracy = {}
    for each in runs:
        kind, model = each["experiment"].split("-", 1)
        if kind == "healthy" and each["state"] == "completed":
            accuracy[model] = max(accuracy.get(model, 0), each["accuracy"])
    if not accuracy:
        raise SystemExit("The accuracies to compare with are those of the healthy runs, of which there are none.")

    def fate(each):
        if each["state"] != "completed":
            return each["state"]
        model = each["experiment"].split("-", 1)[1]
        return "useful" if each["accuracy"] >= USEFUL * accuracy[model] else "useless"

    print("best accuracy of a healthy run:", ", ".join(f"{m} {a:.3f}" for m, a in accuracy.items()))
    hot = [each for each in runs if each["experiment"].startswith("hot")]
    groups = [("all", hot), ("with a verdict", [each for each in hot if each["restarts"] or each["state"] == "diverged"])]
    groups += [(o, [each for each in hot if each["parameters"]["optimizer.kind"] == o]) for o in OPTIMIZERS]
    groups += [(m, [each for each in hot if each["experiment"] == f"hot-{m}"]) for m in MODELS]
    groups += [(f"{f} times", [each for each in hot if factor(each) == f]) for f in FACTORS]
    print("\n| too hot | runs | useful | useless after a rescue | useless without a verdict | diverged | restarts |")
    print("|---|---|---|---|---|---|---|")
    for name, group in groups:
        fates = [(fate(each), each["restarts"] > 0) for each in group]
        print(f"| {name} | {len(group)} | {sum(f == 'useful' for f, _ in fates)} | {fates.count(('useless', True))}"
              f" | {fates.count(('useless', False))} | {sum(f == 'diverged' for f, _ in fates)}"
              f" | {sum(each['restarts'] for each in group)} |")
    healthy = [each for each in runs if each["experiment"].startswith("healthy")]
    alarms = [each for each in healthy if each["restarts"] or each["state"] == "diverged"]
    print(f"\nhealthy: {len(healthy)} runs, {sum(fate(each) == 'useful' for each in healthy)} useful, "
          f"{len(alarms)} false alarms{''.join(' ' + each['run'] for each in alarms)}")
    odd = [each["run"] for each in runs if each["state"] not in ("completed", "diverged")]
    if odd:
        print("neither completed nor diverged:", *odd)


def factor(each):
    best = MODELS[each["experiment"].split("-", 1)[1]][2]
    rate = best[OPTIMIZERS.index(each["parameters"]["optimizer.kind"])]
    return round(float(each["parameters"]["optimizer.learning-rate"]) / rate)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("program", nargs="?", type=pathlib.Path, default=PROGRAM)
    arguments.add_argument("--seed", type=int, default=7000)
    arguments.add_argument("--only", choices=["hot", "healthy"])
    arguments.add_argument("--table", action="store_true")
    given = arguments.parse_args()
    if not given.table:
        given.folder.mkdir(parents=True, exist_ok=True)
        run(given.folder, given.program, given.seed, given.only)
    table(given.folder)


if __name__ == "__main__":
    main()
