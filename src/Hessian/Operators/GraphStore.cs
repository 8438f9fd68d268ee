using static TorchSharp.torch;

namespace CurvatureActors.Hessian.Operators;

/// <summary>The graphs of an operator's terms: kept while they fit a budget, built again in each product otherwise.</summary>
/// <typeparam name="T">What is kept of a term.</typeparam>
/// <param name="budget">Bytes of its own; null for no bound.</param>
/// <param name="shared">Bytes that it shares with other stores; null for none to share.</param>
/// <param name="device">Where graphs are.</param>
internal sealed class GraphStore<T>(long? budget, GraphBudget? shared, Device device) : IDisposable
    where T : class, IDisposable
{
    private readonly List<(T? Kept, Func<T?> Build)> _terms = [];

    /// <summary>Bytes of the kept graphs, measured or as the caller said.</summary>
    internal long KeptBytes { get; private set; }

    internal int Kept => _terms.Count(term => term.Kept is not null);

    internal int Rebuilt => _terms.Count - Kept;

    /// <summary>Builds a term for the first time, and keeps it if it fits. A term without a graph is forgotten.</summary>
    /// <param name="build">Builds the graph; null when there is none. It must give the same one each time.</param>
    /// <param name="bytes">What it takes; measured when null, and taken as too much where that cannot be measured.</param>
    internal void Add(Func<T?> build, long? bytes)
    {
        bool bounded = budget is not null || shared is not null;
        long? before = !bounded || bytes is not null ? null : NativeHeap.Allocated(device);
        T? graph = build();
        if (graph is null)
        {
            return;
        }

        long cost = bytes ?? Math.Max(0, NativeHeap.Allocated(device) - before ?? long.MaxValue);
        if (!bounded || ((budget is null || cost <= budget - KeptBytes) && (shared is null || shared.TryTake(cost))))
        {
            KeptBytes += bounded ? cost : bytes ?? 0;
            _terms.Add((graph, build));
        }
        else
        {
            graph.Dispose();
            _terms.Add((null, build));
        }
    }

    /// <summary>Each graph in turn, of which those that are not kept live only as long as their turn.</summary>
    internal void ForEach(Action<T> use)
    {
        foreach ((T? kept, Func<T?> build) in _terms)
        {
            if (kept is not null)
            {
                use(kept);
                continue;
            }

            using T? graph = build();
            if (graph is not null)
            {
                use(graph);
            }
        }
    }

    /// <summary>Releases the graphs, and what they had of the shared budget; not twice.</summary>
    public void Dispose()
    {
        foreach ((T? kept, _) in _terms)
        {
            kept?.Dispose();
        }

        shared?.GiveBack(KeptBytes);
    }
}
