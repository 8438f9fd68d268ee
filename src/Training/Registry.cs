using System.Diagnostics.CodeAnalysis;

namespace CurvatureActors.Training;

/// <summary>The named members of a family (models, optimizers, rules, ...): one line registers one member.</summary>
/// <typeparam name="T">What a name stands for, usually a factory.</typeparam>
/// <param name="what">The family in words, for error messages ("model", "optimizer").</param>
/// <param name="members">Name and member pairs; names are lower case, words joined by hyphens.</param>
public sealed class Registry<T>(string what, params (string Name, T Member)[] members)
{
    private readonly Dictionary<string, T> _members =
        members.ToDictionary(member => member.Name, member => member.Member, StringComparer.Ordinal);

    /// <summary>The names in order of registration.</summary>
    public IReadOnlyList<string> Names { get; } = [.. members.Select(member => member.Name)];

    /// <summary>The member called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public T this[string name] => _members.TryGetValue(name, out T? member)
        ? member
        : throw new ArgumentException($"There is no {what} \"{name}\"; allowed are {string.Join(", ", Names)}.");

    /// <summary>Looks a member up without an exception.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out T member) => _members.TryGetValue(name, out member);
}
