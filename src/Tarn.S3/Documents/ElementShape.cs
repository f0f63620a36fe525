namespace Tarn.S3.Documents;

/// <summary>What one element of a request's document may hold: text, or elements of its own.</summary>
internal sealed record ElementShape(string Name)
{
    private ElementShape[]? _children;

    /// <summary>The elements that it may hold; null: it holds text.</summary>
    public IReadOnlyList<ElementShape>? Children => _children;

    /// <summary>How often its parent may hold it.</summary>
    public int Most { get; private init; } = 1;

    /// <summary>What is said of it when S3 has it and this server has not; null: it is built.</summary>
    public string? Refusal { get; private init; }

    /// <summary>An element that holds text.</summary>
    public static ElementShape Text(string name) => new(name);

    /// <summary>An element that holds elements, in any order.</summary>
    public static ElementShape Of(string name, params ElementShape[] children) => new(name) { _children = children };

    /// <summary>An element of S3's that means something this server does not do, whatever it holds.</summary>
    public static ElementShape NotBuilt(string name, string? refusal = null) => new(name)
    {
        Refusal = refusal ?? $"{name} is not implemented.", Most = int.MaxValue,
    };

    /// <summary>The same element, up to so many times.</summary>
    public ElementShape Many(int most) => this with { Most = most };

    /// <summary>The place of a child among <see cref="Children"/>; -1 when there can be none of that name.</summary>
    public int Find(string name)
    {
        ElementShape[] children = _children ?? [];
        for (int i = 0; i < children.Length; i++)
        {
            if (string.Equals(children[i].Name, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
