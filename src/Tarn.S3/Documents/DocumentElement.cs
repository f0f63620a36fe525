namespace Tarn.S3.Documents;

/// <summary>
/// One element of a request's document, as its shape lets it be: every child is one that the shape names, and what may come once comes
/// once at most.
/// </summary>
internal sealed class DocumentElement(ElementShape shape)
{
    private List<DocumentElement>? _children;

    public string Name => shape.Name;

    /// <summary>The text of an element that holds text, white space included; else empty.</summary>
    public string Text { get; set; } = "";

    /// <summary>The value of <c>xsi:type</c>; null when there is none.</summary>
    public string? Type { get; set; }

    public IReadOnlyList<DocumentElement> Children => _children ?? (IReadOnlyList<DocumentElement>)[];

    public void Add(DocumentElement child) => (_children ??= []).Add(child);

    /// <summary>The first child of that name, or null.</summary>
    public DocumentElement? Find(string name) => _children?.Find(child => child.Name == name);

    /// <summary>The text of the first child of that name, or null.</summary>
    public string? TextOf(string name) => Find(name)?.Text;

    public IEnumerable<DocumentElement> All(string name) => Children.Where(child => child.Name == name);
}
