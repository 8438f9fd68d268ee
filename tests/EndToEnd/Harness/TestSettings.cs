// Each test runs whole sweeps on all cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
