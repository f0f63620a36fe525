using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tarn.Tests.Deployment;

/// <summary>
/// Renders a template of the Helm chart with the part of Go's template language that the chart may use: <c>if</c>, <c>else</c> and <c>end</c>, paths, strings, pipes, and the
/// functions <c>default</c>, <c>nindent</c>, <c>or</c>, <c>quote</c>, <c>required</c> and <c>toYaml</c>. Anything else is refused, so that no template has what is not tested.
/// https://pkg.go.dev/text/template, https://helm.sh/docs/chart_template_guide/function_list/
/// </summary>
internal static partial class ChartTemplate
{
    /// <summary>Renders a template.</summary>
    /// <param name="template">Its text.</param>
    /// <param name="root">What the paths begin at: mappings by name, lists, strings, numbers as they are written, and null.</param>
    /// <exception cref="FormatException">It uses something else, or names a value that does not exist.</exception>
    public static string Render(string template, IReadOnlyDictionary<string, object?> root)
    {
        var output = new StringBuilder();
        var blocks = new Stack<Block>();
        int at = 0;
        foreach (Match action in Action().Matches(template))
        {
            Write(template[at..action.Index]);
            at = action.Index + action.Length;
            string text = action.Groups["text"].Value.Trim();
            string[] words = text.Split(' ', 2);
            switch (words[0])
            {
                case "if":
                    blocks.Push(new Block(IsTrue(Evaluate(words[1], root))));
                    break;
                case "else" when words.Length == 1 && blocks.TryPeek(out Block? block) && !block.IsInElse:
                    block.IsInElse = true;
                    break;
                case "end" when words.Length == 1 && blocks.Count > 0:
                    blocks.Pop();
                    break;
                default:
                    // Evaluated where it is not shown, too: what is refused must not depend on values.
                    string value = Shown(Evaluate(text, root, isShown: blocks.All(block => block.IsShown)));
                    Write(value);
                    break;
            }
        }

        Write(template[at..]);
        return blocks.Count == 0 ? output.ToString() : throw new FormatException("An if has no end.");

        void Write(string text)
        {
            if (blocks.All(block => block.IsShown))
            {
                output.Append(text);
            }
        }
    }

    private static object? Evaluate(string pipeline, IReadOnlyDictionary<string, object?> root, bool isShown = true)
    {
        object? value = null;
        string[] stages = pipeline.Split('|');
        for (int stage = 0; stage < stages.Length; stage++)
        {
            string[] words = [.. Word().Matches(stages[stage]).Select(match => match.Value)];
            if (words.Length == 0 || stages[stage].Trim() != string.Join(' ', words))
            {
                throw new FormatException($"'{pipeline}' cannot be read.");
            }

            bool isFunction = char.IsLetter(words[0][0]);
            object?[] arguments = [.. words[(isFunction ? 1 : 0)..].Select(word => Operand(word, root)), .. stage > 0 ? [value] : Array.Empty<object?>()];
            value = isFunction ? Call(words[0], arguments, isShown)
                : arguments.Length == 1 ? arguments[0]
                : throw new FormatException($"'{pipeline}' has a value where a function is needed.");
        }

        return value;
    }

    private static object? Call(string function, object?[] arguments, bool isShown) => (function, arguments) switch
    {
        ("default", [var fallback, var value]) => IsTrue(value) ? value : fallback,
        ("or", [_, ..]) => arguments.FirstOrDefault(IsTrue) ?? arguments[^1],
        ("quote", [string value]) => $"\"{value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        ("quote", [Literal literal]) => $"\"{literal.Text}\"",
        ("required", [_, null or ""]) when !isShown => "",
        ("required", [string message, var value]) => value is null or "" ? throw new FormatException(message) : value,
        ("toYaml", [var value]) => ChartYaml.Write(value),
        ("nindent", [string spaces, string value]) => Indented(value, int.Parse(spaces, CultureInfo.InvariantCulture)),
        _ => throw new FormatException($"The chart must not use the function '{function}' with {arguments.Length} arguments of these types: its renderer does not know it."),
    };

    private static object? Operand(string word, IReadOnlyDictionary<string, object?> root)
    {
        if (word[0] != '.')
        {
            return word.Trim('"');
        }

        object? value = root;
        foreach (string name in word[1..].Split('.'))
        {
            // Helm gives nothing for a name that does not exist; in a chart of our own it is a mistake.
            value = value is IReadOnlyDictionary<string, object?> map && map.TryGetValue(name, out object? member)
                ? member
                : throw new FormatException($"'{word}' does not exist: values.yaml has no '{name}' there.");
        }

        return value;
    }

    private static bool IsTrue(object? value) => value switch
    {
        null or "" or Literal { Text: "false" or "0" } => false,
        IReadOnlyDictionary<string, object?> map => map.Count > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        _ => true,
    };

    private static string Shown(object? value) =>
        value as string ?? (value as Literal?)?.Text ?? throw new FormatException("Only texts, numbers and truth values can be shown: pipe others through toYaml.");

    private static string Indented(string text, int spaces) => "\n" + string.Join('\n', text.Split('\n').Select(line => line.Length > 0 ? new string(' ', spaces) + line : line));

    // A hyphen inside the braces takes away the white space before or after them.
    [GeneratedRegex(@"(?:\s*\{\{- |\{\{ )(?<text>[^{}]*?)(?: -\}\}\s*| \}\})")]
    private static partial Regex Action();

    [GeneratedRegex("""\.[\w.]+|"[^"\\]*"|\d+|[a-zA-Z]\w*""")]
    private static partial Regex Word();

    private sealed class Block(bool condition)
    {
        public bool IsInElse { get; set; }

        public bool IsShown => condition != IsInElse;
    }
}
