namespace Tarn.S3.Documents;

/// <summary>
/// One element of a request's document, valid for its shape: every child is one that the shape names, and a child that may come once comes
/// at most once.
/// </summary>
internal sealed class DocumentElement(ElementShape shape)
{
    private List<DocumentElement>? _children;

    public string Name => shape.Name;

    /// <summary>The text of a text element, white space included; otherwise empty.</summary>
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
