using System.Runtime.CompilerServices;
using System.Text;

namespace Tarn.Core.Policy;

/// <summary>Whether a text fits a value of a policy.</summary>
internal enum Fit : byte
{
    No,
    Yes,

    /// <summary>The policy's value has a variable that the request gives no value and the policy no default.</summary>
    Unresolved,

    /// <summary>The request's value is not of the type that the operator compares.</summary>
    Unreadable,
}

/// <summary>
/// A text of a policy, made ready to be compared: wildcards, and policy variables that are filled in for each request.
/// What a variable stands for is taken literally, wildcards or not. Source: IAM User Guide, "IAM policy elements: Variables and tags".
/// </summary>
internal sealed class Template
{
    /// <summary>Followed by the variable's number; like the wildcards no byte of UTF-8.</summary>
    internal const byte VariableMark = 0xFD;

    private const int StackBytes = 1024;

    private readonly byte[] _tokens;
    private readonly TemplateVariable[] _variables;
    private readonly Shape _shape;

    internal Template(string source, byte[] tokens, TemplateVariable[] variables)
    {
        Source = source;
        _tokens = tokens;
        _variables = variables;
        int wild = tokens.AsSpan().IndexOfAny(Wildcard.Star, Wildcard.Any);
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

    /// <summary>As the policy has it.</summary>
    public string Source { get; }

    public IReadOnlyList<TemplateVariable> Variables => _variables;

    /// <summary>Whether the text stands for itself alone, so that it can be compared as it is.</summary>
    public bool IsLiteral => _shape == Shape.Exact && !Source.Contains("${", StringComparison.Ordinal);

    public Fit Matches(ReadOnlySpan<byte> text, in Evaluation evaluation) => _shape switch
    {
        Shape.Exact => ToFit(text.SequenceEqual(_tokens)),
        Shape.Prefix => ToFit(text.StartsWith(_tokens.AsSpan(0, _tokens.Length - 1))),
        Shape.Pattern => ToFit(Wildcard.IsMatch(_tokens, text)),
        _ => MatchesExpanded(text, evaluation),
    };

    /// <summary>The text with its variables filled in, where it has no wildcards; null where a variable has no value.</summary>
    [SkipLocalsInit]
    public string? Expand(in Evaluation evaluation)
    {
        var buffer = new Utf8Buffer(stackalloc byte[StackBytes]);
        string? result = TryExpand(ref buffer, evaluation) ? Encoding.UTF8.GetString(buffer.Written) : null;
        buffer.Dispose();
        return result;
    }

    [SkipLocalsInit]
    private Fit MatchesExpanded(ReadOnlySpan<byte> text, in Evaluation evaluation)
    {
        var buffer = new Utf8Buffer(stackalloc byte[StackBytes]);
        Fit fit = TryExpand(ref buffer, evaluation) ? ToFit(Wildcard.IsMatch(buffer.Written, text)) : Fit.Unresolved;
        buffer.Dispose();
        return fit;
    }

    private bool TryExpand(ref Utf8Buffer buffer, in Evaluation evaluation)
    {
        ReadOnlySpan<byte> rest = _tokens;
        for (int mark = rest.IndexOf(VariableMark); mark >= 0; mark = rest.IndexOf(VariableMark))
        {
            buffer.Append(rest[..mark]);
            TemplateVariable variable = _variables[rest[mark + 1]];
            ConditionValue value = evaluation.Get(variable.Key);
            if ((value.Count == 1 ? value.TextAt(0) : variable.Default) is not { } text)
            {
                return false;
            }

            buffer.Append(text);
            rest = rest[(mark + 2)..];
        }

        buffer.Append(rest);
        return true;
    }

    private static Fit ToFit(bool matches) => matches ? Fit.Yes : Fit.No;
}

/// <summary>A variable in a text of a policy.</summary>
/// <param name="Default">What it stands for where the request has no value for the key, or null.</param>
internal readonly record struct TemplateVariable(KeyReference Key, string? Default);
