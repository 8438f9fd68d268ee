using CurvatureActors.Actors.Journal;
using CurvatureActors.Actors.Runs;
using CurvatureActors.Actors.Tests.Runs;
using CurvatureActors.Training.Curvature;
using CurvatureActors.Training.Divergence;
using CurvatureActors.Training.Recovery;
using CurvatureActors.Training.Sessions;
using CurvatureActors.Training.Specification;

namespace CurvatureActors.Actors.Tests.Journal;

/// <summary>
/// What version 1 of every event looks like on disk, written by hand. Journals with these bytes exist: a payload
/// here is never changed, only added to: when there is a new manifest, or a new field of an old one.
/// </summary>
internal static class GoldenPayloads
{
    private static readonly DateTimeOffset At = Samples.At;

    internal static IReadOnlyList<(string Manifest, string Json, IJournalEvent Event)> All { get; } =
    [
        (
            "experiment-accepted/1",
            """
            {
              "experiment": {
                "name": "study",
                "runs": [
                  {
                    "run": "0123456789ab",
                    "name": "sample",
                    "parameters": { "seed": "7" },
                    "specification": {
                      "version": 1,
                      "seed": 7,
                      "data": {
                        "name": "fashion-mnist-small", "directory": null, "trainExamples": null, "testExamples": null
                      },
                      "model": {
                        "kind": "mlp", "hidden": [32], "channels": [], "normalization": "none", "activation": "relu",
                        "initScale": 1, "dropout": 0
                      },
                      "optimizer": {
                        "kind": "sgd", "learningRate": 0.5, "momentum": 0.9, "beta1": 0.9, "beta2": 0.999,
                        "epsilon": 1E-08, "weightDecay": 0
                      },
                      "schedule": { "kind": "constant", "warmupSteps": 0, "finalFraction": 0 },
                      "training": {
                        "steps": 100, "batchSize": 64, "loss": "cross-entropy", "clipNorm": null, "threads": 1,
                        "snapshotEvery": 20
                      },
                      "detection": {
                        "rules": ["non-finite", "blow-up", "silent-failure", "stall"],
                        "blowUpFactor": 3.5, "blowUpPatience": 3, "silentFailureAfter": 50,
                        "silentFailureChanceFactor": 1.5, "stallWindow": 0, "stallAbove": 0.9
                      },
                      "recovery": {
                        "enabled": true, "budget": 3, "healthyAfter": 20, "ladder": ["warmup", "clip", "lower-rate"],
                        "warmupSteps": 30, "clipPercentile": 90, "safeFraction": 0.5, "fallbackFactor": 0.25
                      },
                      "curvature": {
                        "enabled": true, "examples": 500, "batchSize": 500, "tolerance": 0.001, "maximumProducts": 60
                      }
                    }
                  }
                ],
                "devices": ["cpu:0", "cpu:1"],
                "stateDirectory": ".curvature",
                "threads": 1,
                "probe": { "denseSteps": 20, "every": 10, "policy": "Latest", "workers": 1 },
                "snapshotKeep": 2,
                "whenUnwritable": "Pause",
                "evaluateEvery": 50,
                "crashBudget": 3,
                "errorBudget": 1,
                "runtime": {
                  "tuneAllocator": true, "slice": "00:00:00.0500000", "telemetryFlush": "00:00:00.5000000",
                  "hangAfter": "00:01:00",
                  "measurementHangAfter": "00:10:00",
                  "storagePatience": "00:03:00", "audit": null
                },
                "akkaOverrides": ""
              },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new ExperimentAccepted(Samples.Experiment(Samples.Run), At)
        ),
        (
            "run-concluded/1",
            """{ "run": "0123456789ab", "state": "diverged", "at": "2026-01-02T03:04:05+00:00" }""",
            new RunConcluded("0123456789ab", RunStatus.Diverged, At)
        ),
        (
            "run-claimed/1",
            """{ "epoch": 4, "node": "host", "device": "cuda:0", "at": "2026-01-02T03:04:05+00:00" }""",
            new RunClaimed(4, "host", "cuda:0", At)
        ),
        (
            "run-claimed/1",
            """
            {
              "epoch": 5, "node": "host", "device": "cpu:1", "at": "2026-01-02T03:04:05+00:00",
              "processor": "GenuineIntel Xeon, AVX512"
            }
            """,
            new RunClaimed(5, "host", "cpu:1", At) { Processor = "GenuineIntel Xeon, AVX512" }
        ),
        (
            "attempt-started/1",
            """
            {
              "attempt": 2, "fromStep": 40,
              "plan": { "peakLearningRate": 0.25, "warmupFrom": 40, "warmupSteps": 30, "clipNorm": 1.5 },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new AttemptStarted(2, 40, new TrainingPlan(0.25, 40, 30, 1.5), At)
        ),
        (
            "snapshot-committed/1",
            """
            {
              "attempt": 2, "step": 60, "anchor": true, "file": "0123456789ab/2-60.snapshot", "sha256": "ab12",
              "bytes": 5000000000, "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new SnapshotCommitted(2, 60, Anchor: true, "0123456789ab/2-60.snapshot", "ab12", 5_000_000_000, At)
        ),
        (
            "snapshot-rejected/1",
            """
            {
              "step": 60, "file": "0123456789ab/2-60.snapshot", "reason": "it is damaged",
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new SnapshotRejected(60, "0123456789ab/2-60.snapshot", "it is damaged", At)
        ),
        (
            "curvature-measured/1",
            """
            {
              "attempt": 1, "reason": "initialisation",
              "measurement": {
                "step": 0, "lambda1": 12.5, "residual": 0.001, "converged": false, "products": 60,
                "preconditionedLambda1": 3.5, "examples": 256, "learningRate": 0.5, "threshold": 4,
                "stabilityRatio": 0.875, "seconds": 1.75
              },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new CurvatureMeasured(1, "initialisation", new CurvatureMeasurement
            {
                Step = 0,
                Lambda1 = 12.5,
                Residual = 0.001,
                Converged = false,
                Products = 60,
                PreconditionedLambda1 = 3.5,
                Examples = 256,
                LearningRate = 0.5,
                Threshold = 4,
                StabilityRatio = 0.875,
                Seconds = 1.75,
            }, At)
        ),
        (
            "critical-rate-measured/1",
            """{ "restart": 2, "measurement": { "step": 20, "rate": 0.0625 }, "at": "2026-01-02T03:04:05+00:00" }""",
            new CriticalRateMeasured(2, new CriticalRateMeasurement(20, 0.0625), At)
        ),
        (
            "divergence-detected/1",
            """
            {
              "attempt": 1,
              "verdict": { "step": 57, "rule": "non-finite", "evidence": "the loss is NaN", "healthyGradientNorm": null },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new DivergenceDetected(1, new DivergenceVerdict(57, "non-finite", "the loss is NaN", null), At)
        ),
        (
            "remedy-chosen/1",
            """
            {
              "restart": 1, "fromStep": 20,
              "decision": {
                "remedy": "lower-rate",
                "plan": { "peakLearningRate": 0.125, "warmupFrom": 0, "warmupSteps": 0, "clipNorm": null },
                "reason": "half of what is stable", "lambda1": 8
              },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new RemedyChosen(
                1, 20,
                new RemedyDecision("lower-rate", new TrainingPlan(0.125, 0, 0, null), "half of what is stable", 8), At)
        ),
        (
            "remedy-chosen/1",
            """
            {
              "restart": 1, "fromStep": 20,
              "decision": {
                "remedy": "lower-rate",
                "plan": { "peakLearningRate": 0.125, "warmupFrom": 0, "warmupSteps": 0, "clipNorm": null },
                "reason": "half of what forward passes allow", "lambda1": null, "rateBy": "ForwardPasses"
              },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new RemedyChosen(
                1, 20,
                new RemedyDecision("lower-rate", new TrainingPlan(0.125, 0, 0, null), "half of what forward passes allow", null)
                {
                    RateBy = RateBasis.ForwardPasses,
                },
                At)
        ),
        (
            "trainer-lost/1",
            """
            {
              "epoch": 3, "reason": "the trainer ended without a word", "userCode": false,
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new TrainerLost(3, "the trainer ended without a word", UserCode: false, At)
        ),
        (
            "run-paused/1",
            """{ "step": 33, "at": "2026-01-02T03:04:05+00:00" }""",
            new RunPaused(33, At)
        ),
        (
            "run-paused/1",
            """{ "step": 33, "at": "2026-01-02T03:04:05+00:00", "by": "ann with curvature pause" }""",
            new RunPaused(33, At) { By = "ann with curvature pause" }
        ),
        (
            "run-completed/1",
            """
            {
              "steps": 100, "evaluation": { "step": 100, "loss": 0.4, "accuracy": 0.85 }, "parametersSha256": "cd34",
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new RunCompleted(100, new Evaluation(100, 0.4, 0.85), "cd34", At)
        ),
        (
            "run-diverged/1",
            """{ "step": 57, "reason": "all 3 restarts are used up", "at": "2026-01-02T03:04:05+00:00" }""",
            new RunDiverged(57, "all 3 restarts are used up", At)
        ),
        (
            "run-failed/1",
            """{ "reason": "the model threw", "at": "2026-01-02T03:04:05+00:00" }""",
            new RunFailed("the model threw", At)
        ),
        (
            "run-stopped/1",
            """{ "step": 40, "at": "2026-01-02T03:04:05+00:00" }""",
            new RunStopped(40, At)
        ),
        (
            "run-stopped/1",
            """{ "step": 40, "at": "2026-01-02T03:04:05+00:00", "by": "ann with curvature cancel" }""",
            new RunStopped(40, At) { By = "ann with curvature cancel" }
        ),
    ];

    /// <summary>What fields look like that events of <see cref="All"/> got later; a payload without them has their defaults.</summary>
    internal static IReadOnlyList<(string Manifest, string Json, IJournalEvent Event)> Later { get; } =
    [
        (
            "divergence-detected/1",
            """
            {
              "attempt": 2,
              "verdict": {
                "step": 57, "rule": "blow-up", "evidence": "it climbs", "healthyGradientNorm": 0.5, "onsetStep": 44
              },
              "at": "2026-01-02T03:04:05+00:00"
            }
            """,
            new DivergenceDetected(2, new DivergenceVerdict(57, "blow-up", "it climbs", 0.5, 44), At)
        ),
    ];
}
