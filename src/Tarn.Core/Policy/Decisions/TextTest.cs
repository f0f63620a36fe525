using System.Runtime.CompilerServices;

namespace Tarn.Core.Policy.Decisions;

/// <summary>StringEquals and StringLike: texts, byte by byte, with the variables and wildcards that the templates have.</summary>
internal sealed class TextTest(Template[] values) : ConditionTest
{
    private const int StackBytes = 512;

    private readonly bool _literal = Array.TrueForAll(values, value => value.IsLiteral);

    public override Fit Matches(in ConditionValue value, int index, in Evaluation evaluation)
    {
        string text = value.TextAt(index);
        return _literal ? MatchesLiterally(text) : MatchesTemplates(text, evaluation);
    }

    private Fit MatchesLiterally(string text)
    {
        foreach (Template value in values)
        {
            if (value.Source == text)
            {
                return Fit.Yes;
            }
        }

        return Fit.No;
    }

    [SkipLocalsInit]
    private Fit MatchesTemplates(string text, in Evaluation evaluation)
    {
        var buffer = new Utf8Buffer(stackalloc byte[StackBytes]);
        buffer.Append(text);
        Fit result = Fit.No;
        foreach (Template value in values)
        {
            Fit fit = value.Matches(buffer.Written, evaluation);
            if (fit != Fit.No)
            {
                result = fit;
            }

            if (fit is Fit.Yes or Fit.Unreadable)
            {
                break;
            }
        }

        buffer.Dispose();
        return result;
    }
}

/// <summary>StringEqualsIgnoreCase.</summary>
internal sealed class TextIgnoringCaseTest(Template[] values) : ConditionTest
{
    /// <summary>Bytes that a character of a text may take; two texts that differ in case alone have the same number of characters.</summary>
    private const int MaxUtf8PerUtf16 = 3;

    public override Fit Matches(in ConditionValue value, int index, in Evaluation evaluation)
    {
        string text = value.TextAt(index);
        Fit result = Fit.No;
        foreach (Template template in values)
        {
            string? wanted = template.Source;
            Fit fit = template.IsLiteral ? Fit.Yes : template.Expand(evaluation, text.Length * MaxUtf8PerUtf16, out wanted);
            if (fit is Fit.Unreadable || (fit is Fit.Yes && string.Equals(wanted, text, StringComparison.OrdinalIgnoreCase)))
            {
                return fit;
            }

            result = fit == Fit.Unresolved ? fit : result;
        }

        return result;
    }
}

/// <summary>ArnEquals and ArnLike, which are the same: the six parts of an ARN, each by itself, so that no wildcard reaches past a colon.</summary>
internal sealed class ArnTest(Template[][] values) : ConditionTest
{
    public const int Parts = 6;

    private const int StackBytes = 512;

    [SkipLocalsInit]
    public override Fit Matches(in ConditionValue value, int index, in Evaluation evaluation)
    {
        var buffer = new Utf8Buffer(stackalloc byte[StackBytes]);
        buffer.Append(value.TextAt(index));
        Fit result = Fit.No;
        foreach (Template[] wanted in values)
        {
            Fit fit = MatchesParts(wanted, buffer.Written, evaluation);
            if (fit != Fit.No)
            {
                result = fit;
            }

            if (fit is Fit.Yes or Fit.Unreadable)
            {
                break;
            }
        }

        buffer.Dispose();
        return result;
    }

    private static Fit MatchesParts(Template[] wanted, ReadOnlySpan<byte> arn, in Evaluation evaluation)
    {
        Fit result = Fit.Yes;
        for (int i = 0; i < wanted.Length; i++)
        {
            ReadOnlySpan<byte> part = arn;
            if (i < wanted.Length - 1)
            {
                int colon = arn.IndexOf((byte)':');
                if (colon < 0)
                {
                    return Fit.No;
                }

                part = arn[..colon];
                arn = arn[(colon + 1)..];
            }

            switch (wanted[i].Matches(part, evaluation))
            {
                case Fit.No:
                    return Fit.No;
                case Fit.Unreadable:
                    return Fit.Unreadable;
                case Fit.Unresolved:
                    result = Fit.Unresolved;
                    break;
                default:
                    break;
            }
        }

        return result;
    }
}
