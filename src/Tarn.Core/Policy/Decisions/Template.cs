using System.Runtime.CompilerServices;
using System.Text;

namespace Tarn.Core.Policy.Decisions;

/// <summary>Whether a text matches a value of a policy.</summary>
internal enum Fit : byte
{
    No,
    Yes,

    /// <summary>The policy's value has a variable without a value in the request or a default in the policy.</summary>
    Unresolved,

    /// <summary>The request's value is not of the type that the operator compares, or too long to be compared with a pattern.</summary>
    Unreadable,
}

/// <summary>
/// A text of a policy, compiled for comparison: wildcards, and policy variables that are filled in for each request.
/// What a variable stands for is taken literally, wildcards or not. Source: IAM User Guide, "IAM policy elements: Variables and tags".
/// </summary>
internal sealed class Template
{
    /// <summary>Followed by the variable's number; like the wildcards no byte of UTF-8.</summary>
    internal const byte VariableMark = 0xFD;

    /// <summary>
    /// Bytes of the longest text that is compared with a pattern. Keys are shorter; a hostile header could cost a second with some patterns.
    /// </summary>
    public const int MaxText = 4096;

    private const int StackBytes = 1024;

    private readonly byte[] _tokens;
    private readonly TemplateVariable[] _variables;
    private readonly Shape _shape;

    /// <summary>Bytes before the first wildcard, which rule most texts out.</summary>
    private readonly int _begin;

    internal Template(string source, byte[] tokens, TemplateVariable[] variables)
    {
        Source = source;
        _tokens = tokens;
        _variables = variables;
        int wild = tokens.AsSpan().IndexOfAny(Wildcard.Star, Wildcard.Any);
        _begin = Math.Max(wild, 0);
        _shape = variables.Length > 0 ? Shape.Variable
            : wild < 0 ? Shape.Exact
            : wild == tokens.Length - 1 && tokens[wild] == Wildcard.Star ? Shape.Prefix
            : Shape.Pattern;
    }

    private enum Shape : byte
    {
        Exact,
        Prefix,
        Pattern,
        Variable,
    }

    /// <summary>As written in the policy.</summary>
    public string Source { get; }

    public IReadOnlyList<TemplateVariable> Variables => _variables;

    /// <summary>Whether the text stands for itself alone, so that it can be compared as it is.</summary>
    public bool IsLiteral => _shape == Shape.Exact && !Source.Contains("${", StringComparison.Ordinal);

    /// <summary>The steps that comparing with a text may take: <see cref="Wildcard.Cost"/>.</summary>
    /// <param name="longest">Bytes of the longest text.</param>
    public long Cost(int longest) => _shape is Shape.Pattern or Shape.Variable ? Wildcard.Cost(_tokens, longest) : 0;

    public Fit Matches(ReadOnlySpan<byte> text, in Evaluation evaluation) => _shape switch
    {
        Shape.Exact => ToFit(text.SequenceEqual(_tokens)),
        Shape.Prefix => ToFit(text.StartsWith(_tokens.AsSpan(0, _tokens.Length - 1))),
        _ when text.Length > MaxText => Fit.Unreadable,
        Shape.Pattern => text.StartsWith(_tokens.AsSpan(0, _begin)) ? evaluation.Match(_tokens, text) : Fit.No,
        _ => MatchesExpanded(text, evaluation),
    };

    /// <summary>The text with its variables filled in, where it has no wildcards.</summary>
    /// <param name="evaluation">Where the values of variables come from.</param>
    /// <param name="limit">Bytes beyond which the text cannot be the one that is looked for.</param>
    /// <param name="result">The text, with <see cref="Fit.Yes"/> alone.</param>
    [SkipLocalsInit]
    public Fit Expand(in Evaluation evaluation, int limit, out string? result)
    {
        var buffer = new Utf8Buffer(stackalloc byte[StackBytes]);
        Fit fit = Expand(ref buffer, evaluation, limit);
        result = fit == Fit.Yes ? Encoding.UTF8.GetString(buffer.Written) : null;
        buffer.Dispose();
        return fit;
    }

    [SkipLocalsInit]
    private Fit MatchesExpanded(ReadOnlySpan<byte> text, in Evaluation evaluation)
    {
        var buffer = new Utf8Buffer(stackalloc byte[StackBytes]);

        // Everything but a star takes a byte of the text at least, and there are no more stars than tokens.
        Fit fit = Expand(ref buffer, evaluation, text.Length + _tokens.Length);
        if (fit == Fit.Yes)
        {
            fit = evaluation.Match(buffer.Written, text);
        }

        buffer.Dispose();
        return fit;
    }

    /// <summary>Fills the variables in. <see cref="Fit.No"/> when the text becomes longer than <paramref name="limit"/> bytes.</summary>
    private Fit Expand(ref Utf8Buffer buffer, in Evaluation evaluation, int limit)
    {
        ReadOnlySpan<byte> rest = _tokens;
        for (int mark = rest.IndexOf(VariableMark); mark >= 0; mark = rest.IndexOf(VariableMark))
        {
            buffer.Append(rest[..mark]);
            TemplateVariable variable = _variables[rest[mark + 1]];
            ConditionValue value = evaluation.Get(variable.Key);
            if ((value.Count == 1 ? value.TextAt(0) : variable.Default) is not { } text)
            {
                return Fit.Unresolved;
            }

            if (buffer.Written.Length + text.Length > limit)
            {
                return Fit.No;
            }

            if (!evaluation.Spend(text.Length))
            {
                return Fit.Unreadable;
            }

            buffer.Append(text);
            rest = rest[(mark + 2)..];
        }

        buffer.Append(rest);
        return Fit.Yes;
    }

    private static Fit ToFit(bool matches) => matches ? Fit.Yes : Fit.No;
}

/// <summary>A variable in a text of a policy.</summary>
/// <param name="Default">What it stands for where the request has no value for the key, or null.</param>
internal readonly record struct TemplateVariable(KeyReference Key, string? Default);
