using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;

namespace Tarn.Server.Cli.Buckets.Settings;

/// <summary>The XML of settings, to and from their JSON.</summary>
internal static class SettingXml
{
    private static readonly XNamespace Space = "http://s3.amazonaws.com/doc/2006-03-01/";
    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>The document without anything in it.</summary>
    public static byte[] Empty(SettingMember root) => Bytes(new XElement(Space + root.Xml));

    /// <summary>The document of a setting that <see cref="SettingJson.Read"/> has read.</summary>
    public static byte[] Write(SettingMember root, JsonObject setting) => Bytes(Element(root, setting));

    /// <summary>The headers that go with the document.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Headers(SettingMember root, JsonObject setting) =>
        [.. root.Members.Where(static member => member.Kind == MemberKind.Header)
            .Where(member => setting[member.Json] is not null)
            .Select(member => KeyValuePair.Create(member.Xml, setting[member.Json]!.GetValue<string>()))];

    /// <summary>A setting as its document says it, whether or not it has all that it must have.</summary>
    /// <param name="root">The setting.</param>
    /// <param name="document">The root of the document.</param>
    /// <param name="headers">The headers beside it.</param>
    /// <exception cref="CliException">It has what the table does not: left out, it would be lost when the setting is put again. Or a number or flag in it is none.</exception>
    public static JsonObject Read(SettingMember root, XElement document, IReadOnlyDictionary<string, string> headers)
    {
        if (document.Name.LocalName != root.Xml)
        {
            throw new CliException($"{document.Name.LocalName} where {root.Xml} is expected");
        }

        JsonObject setting = ReadObject(root, document);
        foreach (SettingMember member in root.Members.Where(static member => member.Kind == MemberKind.Header))
        {
            if (headers.TryGetValue(member.Xml, out string? value))
            {
                setting[member.Json] = value;
            }
        }

        return setting;
    }

    private static XElement Element(SettingMember member, JsonNode value)
    {
        var element = new XElement(Space + member.Xml);
        if (member.Kind != MemberKind.Object)
        {
            element.Value = value.GetValueKind() == System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
            return element;
        }

        foreach (SettingMember inner in member.Members)
        {
            if (value[inner.Json] is not { } given)
            {
                continue;
            }

            if (inner.Kind == MemberKind.Type)
            {
                element.Add(new XAttribute(XNamespace.Xmlns + "xsi", Instance.NamespaceName), new XAttribute(Instance + inner.Xml, given.GetValue<string>()));
            }
            else if (inner.IsList)
            {
                XElement[] items = [.. given.AsArray().Select(item => Element(inner, item!))];
                element.Add(inner.Around is { } around ? new XElement(Space + around, items) : items);
            }
            else if (inner.Kind != MemberKind.Header)
            {
                element.Add(Element(inner, given));
            }
        }

        return element;
    }

    private static JsonObject ReadObject(SettingMember member, XElement element)
    {
        SettingMember? type = member.Members.FirstOrDefault(static inner => inner.Kind == MemberKind.Type);
        ThrowIfAttributes(element, type);
        var read = new JsonObject();
        if (type is not null && (string?)element.Attribute(Instance + type.Xml) is { } given)
        {
            read[type.Json] = given;
        }

        if (element.Nodes().OfType<XText>().Any(static text => !string.IsNullOrWhiteSpace(text.Value)))
        {
            throw new CliException($"text in {element.Name.LocalName}");
        }

        foreach (XElement child in element.Elements())
        {
            string name = child.Name.LocalName;
            SettingMember inner = member.Members.FirstOrDefault(inner => inner.Kind is not (MemberKind.Type or MemberKind.Header) && (inner.Around ?? inner.Xml) == name)
                ?? throw new CliException($"{name} in {element.Name.LocalName}");
            if (inner.IsList && inner.Around is null)
            {
                (read[inner.Json] ??= new JsonArray()).AsArray().Add(ReadValue(inner, child));
            }
            else if (inner.Kind != MemberKind.Remark && !read.TryAdd(inner.Json, inner.IsList ? ReadItems(inner, child) : ReadValue(inner, child)))
            {
                throw new CliException($"{name} twice in {element.Name.LocalName}");
            }
        }

        return InOrder(member, read);
    }

    /// <summary>The members in the table's order, and lists without an order in theirs; an empty list that need not be there is not.</summary>
    internal static JsonObject InOrder(SettingMember member, JsonObject read)
    {
        var all = new JsonObject();
        foreach (SettingMember inner in member.Members)
        {
            if (read[inner.Json] is not { } value || (value is JsonArray { Count: 0 } && !inner.IsRequired))
            {
                continue;
            }

            all[inner.Json] = inner.IsList ? SettingJson.Sort(inner, [.. value.AsArray().Select(static item => item!.DeepClone())]) : value.DeepClone();
        }

        return all;
    }

    private static JsonArray ReadItems(SettingMember member, XElement around)
    {
        ThrowIfAttributes(around, null);
        return around.Elements().FirstOrDefault(child => child.Name.LocalName != member.Xml) is { } other
            ? throw new CliException($"{other.Name.LocalName} in {around.Name.LocalName}")
            : [.. around.Elements().Select(child => ReadValue(member, child))];
    }

    private static JsonNode ReadValue(SettingMember member, XElement element)
    {
        if (member.Kind == MemberKind.Object)
        {
            return ReadObject(member, element);
        }

        ThrowIfAttributes(element, null);
        return element.HasElements ? throw new CliException($"{element.Elements().First().Name.LocalName} in {element.Name.LocalName}") : member.Kind switch
        {
            MemberKind.Number => long.TryParse(element.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw Strange(element),
            MemberKind.Flag => bool.TryParse(element.Value, out bool flag) ? flag : throw Strange(element),
            _ => element.Value,
        };
    }

    private static void ThrowIfAttributes(XElement element, SettingMember? type)
    {
        if (element.Attributes().FirstOrDefault(attribute => !attribute.IsNamespaceDeclaration && (type is null || attribute.Name != Instance + type.Xml)) is { } other)
        {
            throw new CliException($"{other.Name.LocalName} of {element.Name.LocalName}");
        }
    }

    private static CliException Strange(XElement element) => new($"'{element.Value}' as {element.Name.LocalName}");

    private static byte[] Bytes(XElement root)
    {
        // Control characters and line ends of texts are written as references: as they are, XML does not keep them.
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false, NewLineHandling = NewLineHandling.Entitize, OmitXmlDeclaration = true };
        using var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, settings))
        {
            root.Save(writer);
        }

        return bytes.ToArray();
    }
}
