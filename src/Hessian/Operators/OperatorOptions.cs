namespace CurvatureActors.Hessian.Operators;

/// <summary>How an operator over loss terms spends memory, and what it checks.</summary>
public sealed record OperatorOptions
{
    /// <summary>
    /// Most bytes of graphs kept between products; every graph when null. Terms are taken in order and kept while they
    /// fit; the others are built again in each product, one at a time, so the peak is the budget plus one graph.
    /// </summary>
    public long? GraphMemory { get; init; }

    /// <summary>
    /// Bytes that the kept graphs of this operator share with those of others; null for none to share. What
    /// <see cref="GraphMemory"/> says of terms holds here too, and where both are given a graph is kept if it fits both.
    /// </summary>
    public GraphBudget? SharedGraphMemory { get; init; }

    /// <summary>
    /// Whether each term is evaluated a second time when the operator is built, and refused when it differs. Kept
    /// graphs stay as they were drawn; terms that are built again are compared in any case. The operator is then also
    /// applied to two random vectors, and refused when it is not symmetric.
    /// </summary>
    public bool CheckDeterminism { get; init; }

    internal void Validate()
    {
        if (GraphMemory is < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(GraphMemory), GraphMemory, "The memory for graphs must be at least 0 bytes.");
        }
    }
}
