using System.Text;
using Tarn.Core.Errors;

namespace Tarn.S3.Documents;

/// <summary>
/// Builds a document from its elements and text, and refuses what its shape does not have. The content of elements that are not implemented
/// is skipped.
/// </summary>
internal sealed class DocumentBuilder(DocumentShape shape)
{
    /// <summary>The namespace of <c>xsi:type</c>.</summary>
    public const string InstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";

    private const string S3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    private readonly Stack<Open> _open = new();
    private readonly StringBuilder _pieces = new();
    private DocumentElement? _root;
    private string _namespace = "";

    /// <summary>The depth of the enclosing element that is not implemented, whose content is skipped; -1: there is none.</summary>
    private int _skipped = -1;
    private string? _refusal;

    /// <summary>Whether what comes next is skipped.</summary>
    public bool IsSkipping => _skipped >= 0;

    /// <summary>Whether text that comes next belongs to the document.</summary>
    public bool TakesText => !IsSkipping && _open.Count > 0;

    /// <summary>Begins an element; only while nothing is skipped.</summary>
    /// <param name="name">Its local name.</param>
    /// <param name="space">Its namespace.</param>
    /// <param name="type">The value of <c>xsi:type</c>; null for none.</param>
    /// <param name="isEmpty">Whether it is an empty-element tag, which has no end tag.</param>
    /// <param name="depth">The number of elements around it.</param>
    /// <exception cref="S3Exception">The shape's refusal.</exception>
    public void Start(string name, string space, string? type, bool isEmpty, int depth)
    {
        ElementShape? admitted = Admit(name, space);
        if (admitted is null)
        {
            _skipped = isEmpty ? -1 : depth;
            return;
        }

        var element = new DocumentElement(admitted) { Type = type };
        if (_open.TryPeek(out Open parent))
        {
            parent.Element.Add(element);
        }

        _root ??= element;
        if (!isEmpty)
        {
            _open.Push(new Open(element, admitted, admitted.Children is { } children ? new int[children.Count] : []));
        }
    }

    /// <summary>Adds text, or a piece of it, to the open element.</summary>
    /// <exception cref="S3Exception">The shape's refusal.</exception>
    public void Append(ReadOnlySpan<char> piece)
    {
        // Between elements there is only white space; inside one, comments may split the text into several pieces.
        if (_open.Peek().Shape.Children is null)
        {
            _pieces.Append(piece);
        }
        else if (!piece.IsWhiteSpace())
        {
            throw Malformed();
        }
    }

    /// <summary>Ends an element.</summary>
    /// <param name="depth">The number of elements around it.</param>
    /// <exception cref="S3Exception">The shape's refusal.</exception>
    public void End(int depth)
    {
        if (IsSkipping)
        {
            _skipped = depth == _skipped ? -1 : _skipped;
            return;
        }

        Open ended = _open.Pop();
        if (ended.Shape.Children is null)
        {
            string text = _pieces.ToString();
            _pieces.Clear();
            ended.Element.Text = IsWhole(text) ? text : throw Malformed();
        }
    }

    /// <summary>The finished document.</summary>
    /// <exception cref="S3Exception">The shape's refusal for a document without an element; NotImplemented.</exception>
    public DocumentElement Finish() =>
        // Checked last, so that a malformed document is reported as malformed rather than as not implemented.
        _refusal is null ? _root ?? throw Malformed() : throw new S3Exception(S3Error.NotImplemented, _refusal);

    /// <summary>The shape's refusal.</summary>
    public S3Exception Malformed() => new(shape.Malformed);

    /// <summary>The shape of the element that begins; null for one whose content is skipped.</summary>
    private ElementShape? Admit(string name, string space)
    {
        if (_root is null)
        {
            // Any namespace is accepted: clients spell S3's in several ways, or leave it out.
            _namespace = space;
            return name == shape.Root.Name ? shape.Root : throw Malformed();
        }

        // The AWS SDK for .NET puts Grantee into the namespace of xsi:type.
        Open parent = _open.Peek();
        int place = parent.Shape.Find(name);
        if (place < 0 || !(space.Length == 0 || space == _namespace || space is S3Namespace or InstanceNamespace))
        {
            throw Malformed();
        }

        ElementShape admitted = parent.Shape.Children![place];
        if (++parent.Counts[place] > admitted.Most)
        {
            throw Malformed();
        }

        if (admitted.Refusal is { } refusal)
        {
            _refusal ??= refusal;
            return null;
        }

        return admitted;
    }

    /// <summary>Whether the text has neither NUL nor unpaired surrogates; other control characters may be part of a key.</summary>
    private static bool IsWhole(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i]))))
            {
                return false;
            }
        }

        return true;
    }

    /// <param name="Counts">How often each child of the shape has occurred.</param>
    private readonly record struct Open(DocumentElement Element, ElementShape Shape, int[] Counts);
}
