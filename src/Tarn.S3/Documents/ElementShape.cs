namespace Tarn.S3.Documents;

/// <summary>What one element of a request's document may hold: text or child elements.</summary>
internal sealed record ElementShape(string Name)
{
    private ElementShape[]? _children;

    /// <summary>Its child elements; null: it holds text.</summary>
    public IReadOnlyList<ElementShape>? Children => _children;

    /// <summary>How often it may occur in its parent, at most.</summary>
    public int Most { get; private init; } = 1;

    /// <summary>The message of NotImplemented for an element of S3's that this server does not have; null: it is implemented.</summary>
    public string? Refusal { get; private init; }

    /// <summary>An element that holds text.</summary>
    public static ElementShape Text(string name) => new(name);

    /// <summary>An element that holds elements, in any order.</summary>
    public static ElementShape Of(string name, params ElementShape[] children) => new(name) { _children = children };

    /// <summary>An element of S3's that this server does not implement, whatever it holds.</summary>
    public static ElementShape NotImplemented(string name, string? refusal = null) => new(name)
    {
        Refusal = refusal ?? $"{name} is not implemented.", Most = int.MaxValue,
    };

    /// <summary>This element with a limit on how often it may occur.</summary>
    public ElementShape Many(int most) => this with { Most = most };

    /// <summary>The index of a child in <see cref="Children"/>; -1 when no child has that name.</summary>
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
