using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Tarn.Tests.Deployment;

/// <summary>A number or truth value, as it is written.</summary>
/// <param name="Text">How it is written.</param>
internal readonly record struct Literal(string Text);

/// <summary>YAML as the chart's templates see it: mappings by name, lists, texts, and literals.</summary>
internal static partial class ChartYaml
{
    /// <summary>Reads one document.</summary>
    public static IReadOnlyDictionary<string, object?> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return (IReadOnlyDictionary<string, object?>)Read(stream.Documents.Single().RootNode)!;
    }

    /// <summary>Writes a value as Helm's <c>toYaml</c> does: keys in order, no line feed at the end.</summary>
    public static string Write(object? value)
    {
        var writer = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(writer);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, value);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return writer.ToString().TrimEnd('\n');
    }

    /// <summary>The values with some replaced or added, as <c>helm --values</c> does: mappings are merged, lists and texts are replaced.</summary>
    public static IReadOnlyDictionary<string, object?> Merged(IReadOnlyDictionary<string, object?> values, IReadOnlyDictionary<string, object?> changes)
    {
        var merged = new Dictionary<string, object?>(values, StringComparer.Ordinal);
        foreach ((string name, object? change) in changes)
        {
            merged[name] = change is IReadOnlyDictionary<string, object?> inner && merged.GetValueOrDefault(name) is IReadOnlyDictionary<string, object?> old
                ? Merged(old, inner)
                : change;
        }

        return merged;
    }

    private static object? Read(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => Read(pair.Value), StringComparer.Ordinal),
        YamlSequenceNode list => list.Children.Select(Read).ToList(),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when IsLiteral(scalar.Value!) => new Literal(scalar.Value!),
        YamlScalarNode scalar => scalar.Value,
        _ => throw new FormatException($"{node.Start}: only mappings, lists and scalars are read."),
    };

    private static void Write(IEmitter emitter, object? value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, object?> map:
                emitter.Emit(new MappingStart(null, null, isImplicit: true, map.Count > 0 ? MappingStyle.Block : MappingStyle.Flow));
                foreach ((string name, object? member) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    emitter.Emit(ScalarOf(name));
                    Write(emitter, member);
                }

                emitter.Emit(new MappingEnd());
                break;
            case IReadOnlyList<object?> list:
                emitter.Emit(new SequenceStart(null, null, isImplicit: true, list.Count > 0 ? SequenceStyle.Block : SequenceStyle.Flow));
                foreach (object? item in list)
                {
                    Write(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            default:
                emitter.Emit(ScalarOf(value));
                break;
        }
    }

    // A text that reads like something else is quoted.
    private static YamlDotNet.Core.Events.Scalar ScalarOf(object? value) => value switch
    {
        null => Plain("null"),
        Literal literal => Plain(literal.Text),
        string text when text.Length == 0 || text is "null" or "~" || IsLiteral(text) => new(null, null, text, ScalarStyle.DoubleQuoted, isPlainImplicit: false, isQuotedImplicit: true),
        string text => Plain(text),
        _ => throw new FormatException($"{value.GetType()} is not a value of a chart."),
    };

    private static YamlDotNet.Core.Events.Scalar Plain(string text) => new(text);

    private static bool IsLiteral(string text) => LiteralText().IsMatch(text);

    [GeneratedRegex(@"^(?:true|false|yes|no|on|off|[-+]?[0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?|0x[0-9a-fA-F]+)$", RegexOptions.IgnoreCase)]
    private static partial Regex LiteralText();
}
