using System.Buffers;
using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>Compiles the texts of one policy to <see cref="Template"/>s.</summary>
/// <param name="variables">Whether <c>${…}</c> is a variable: not in policies of version 2008-10-17.</param>
internal sealed class TemplateCompiler(bool variables)
{
    /// <summary>The maximum number of variables in one text; a variable's number must fit into a byte.</summary>
    private const int MaxVariables = 100;

    public bool Variables { get; } = variables;

    /// <param name="wildcards">Whether <c>*</c> and <c>?</c> are wildcards or themselves.</param>
    /// <exception cref="S3Exception">MalformedPolicy: an unknown variable.</exception>
    public Template Compile(string text, bool wildcards, string where)
    {
        if (!Variables || !text.Contains("${", StringComparison.Ordinal))
        {
            return new Template(text, wildcards ? Wildcard.Tokens(text) : Encoding.UTF8.GetBytes(text), []);
        }

        var tokens = new ArrayBufferWriter<byte>();
        var found = new List<TemplateVariable>();
        int position = 0;
        while (text.IndexOf("${", position, StringComparison.Ordinal) is >= 0 and int start)
        {
            int end = text.IndexOf('}', start);
            if (end < 0)
            {
                throw Invalid(text, where);
            }

            Plain(tokens, text[position..start], wildcards);
            string inner = text[(start + 2)..end];
            if (inner is "*" or "?" or "$")
            {
                tokens.Write([(byte)inner[0]]);
            }
            else
            {
                tokens.Write([Template.VariableMark, (byte)found.Count]);
                found.Add(Variable(inner, text, where));
            }

            position = end + 1;
        }

        Plain(tokens, text[position..], wildcards);
        return new Template(text, tokens.WrittenSpan.ToArray(), [.. found.Take(MaxVariables + 1)]) is { Variables.Count: <= MaxVariables } template
            ? template
            : throw Invalid(text, where);
    }

    /// <summary>Splits at colons, but not at those inside a variable.</summary>
    public List<string> SplitArn(string text, int pieces)
    {
        var result = new List<string>();
        int start = 0;
        bool inside = false;
        for (int i = 0; i < text.Length && result.Count < pieces - 1; i++)
        {
            if (Variables && text[i] == '$' && i + 1 < text.Length && text[i + 1] == '{')
            {
                inside = true;
            }
            else if (text[i] == '}')
            {
                inside = false;
            }
            else if (text[i] == ':' && !inside)
            {
                result.Add(text[start..i]);
                start = i + 1;
            }
        }

        result.Add(text[start..]);
        return result;
    }

    private static void Plain(ArrayBufferWriter<byte> tokens, string text, bool wildcards) =>
        tokens.Write(wildcards ? Wildcard.Tokens(text) : Encoding.UTF8.GetBytes(text));

    private static TemplateVariable Variable(string inner, string text, string where)
    {
        string name = inner;
        string? fallback = null;
        int comma = inner.IndexOf(',', StringComparison.Ordinal);
        if (comma >= 0)
        {
            name = inner[..comma];
            string quoted = inner[(comma + 1)..].Trim(' ');
            if (quoted.Length < 2 || quoted[0] != '\'' || quoted[^1] != '\'')
            {
                throw Invalid(text, where);
            }

            fallback = quoted[1..^1];
        }

        return ConditionKeys.TryParse(name.Trim(' '), out KeyReference key) && !ConditionKeys.IsMultiple(key.Key)
            ? new TemplateVariable(key, fallback)
            : throw Invalid(text, where);
    }

    private static S3Exception Invalid(string text, string where) => PolicyRefusal.Because("Policy has an invalid variable", where, text);
}
