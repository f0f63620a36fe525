using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Tarn.Core.Errors;
using Tarn.S3.Documents;

namespace Tarn.Tests.Documents;

/// <summary>Every request document in every odd form.</summary>
public sealed class DocumentReaderTests
{
    private const string S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    private static readonly Dictionary<string, DocumentShape> Shapes = typeof(DocumentShapes)
        .GetFields(BindingFlags.Static | BindingFlags.Public)
        .Where(field => field.FieldType == typeof(DocumentShape))
        .ToDictionary(field => field.Name, field => (DocumentShape)field.GetValue(null)!);

    public static TheoryData<string> Names => [.. Shapes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_says_nothing_is_passed_over(string name)
    {
        DocumentShape shape = Shapes[name];
        string root = shape.Root.Name;
        string plain = Sample(shape);
        string inner = plain[(root.Length + 2)..^(root.Length + 3)];
        string expected = Describe(DocumentReader.Read(shape, Utf8(plain)));
        foreach (string same in (string[])
        [
            $"<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n{plain}\n<!-- end --><?end?>",
            $"<!-- > ]]> \" --><?pi <a b='?><{root} xmlns=\"{S3}\">{inner}</{root}>",
            $"<{root} xmlns=\"http://doc.s3.amazonaws.com/2006-03-01\">{inner}</{root}>",
            $"<{root} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\" xsi:nil='false' xml:space=\"preserve\" xml:lang='en'>{inner}</{root}>",
            $"<s:{root} xmlns:s=\"{S3}\">{Prefixed(inner)}</s:{root}>",
            $"<s:{root} xmlns:s=\"{S3}\">{inner}</s:{root}>",
            $"<{root} xmlns=\"{S3}\" >{inner.Replace(">x<", "><!-- -->x<![CDATA[]]><?p?><", StringComparison.Ordinal)}<!----> \r\n\t&#32;<![CDATA[ ]]></{root}>",
        ])
        {
            Assert.Equal(expected, Describe(DocumentReader.Read(shape, Utf8(same))));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Encodings(string name)
    {
        DocumentShape shape = Shapes[name];
        string plain = Sample(shape).Replace(">x<", ">é😀<", StringComparison.Ordinal);
        string expected = Describe(DocumentReader.Read(shape, Utf8(plain)));
        foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(true), new UnicodeEncoding(true, true), new UnicodeEncoding(false, true)])
        {
            Assert.Equal(expected, Describe(DocumentReader.Read(shape, [.. encoding.GetPreamble(), .. encoding.GetBytes(plain)])));
        }

        string declared = "<?xml version='1.0' encoding='UTF-16'?>" + plain;
        Assert.Equal(expected, Describe(DocumentReader.Read(shape, Encoding.Unicode.GetBytes(declared))));
        Assert.Equal(expected, Describe(DocumentReader.Read(shape, Encoding.BigEndianUnicode.GetBytes(declared))));
        Malformed(shape, Utf8(declared));
        Malformed(shape, Utf8("<?xml version='1.0' encoding='ISO-8859-1'?>" + plain));
        Malformed(shape, Encoding.Latin1.GetBytes($"<!-- é -->{plain}"));
        Malformed(shape, Encoding.UTF32.GetBytes(plain));
        Malformed(shape, [.. Utf8(plain[..^3]), 0xFF, .. Utf8(plain[^3..])]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_no_such_document_is_malformed(string name)
    {
        DocumentShape shape = Shapes[name];
        string root = shape.Root.Name;
        string plain = Sample(shape);
        foreach (string odd in (string[])
        [
            "", " ", "junk", "<", "<!", "<!-", "<!--", "<!-->", "<?", "<![CDATA[", "\0", "&", "</>", "<Other/>", $"<{root}>", $"<{root}", $"</{root}>",
            plain[..^1], plain + plain, plain + "x", "x" + plain, " <?xml version='1.0'?>" + plain,
            $"<!DOCTYPE {root}>{plain}",
            $"<!DOCTYPE {root} [<!ENTITY e 'x'>]>{plain.Replace(">x<", ">&e;<", StringComparison.Ordinal)}",
            $"<!DOCTYPE {root} SYSTEM \"file:///etc/passwd\">{plain}",
            plain.Replace(">x<", ">&undefined;<", StringComparison.Ordinal),
            plain.Replace(">x<", ">&#0;<", StringComparison.Ordinal),
            plain.Replace(">x<", ">\0<", StringComparison.Ordinal),
            plain.Replace(">x<", ">&#xD800;<", StringComparison.Ordinal),
            plain.Replace(">x<", ">&#xDC00;&#xD800;<", StringComparison.Ordinal),
            plain.ToLowerInvariant(),
            $"<{root} xmlns='urn:a' xmlns='urn:b'/>",
            $"<{root}{string.Concat(Enumerable.Range(0, 17).Select(i => $" xmlns:a{i}='urn:{i}'"))}/>",
            $"<{root} xmlns:a='{new string('a', 5000)}'/>",
            $"<{root}><{new string('a', 5000)}/></{root}>",
            $"<{root}>{string.Concat(Enumerable.Repeat("<a>", 10_000))}",
        ])
        {
            // Where there is no text, there is none to spoil.
            if (odd != plain)
            {
                Malformed(shape, Utf8(odd));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_element_holds_what_S3_says_and_nothing_else(string name)
    {
        DocumentShape shape = Shapes[name];
        int elements = XElement.Parse(Sample(shape)).DescendantsAndSelf().Count();
        for (int i = 0; i < elements; i++)
        {
            foreach (Action<XElement> change in (Action<XElement>[])
            [
                element => element.Add(new XElement("Unknown")),
                element => element.AddFirst(new XElement("Key", new XElement("Key"))),
                element => element.SetAttributeValue("version", "1"),
                element => element.SetAttributeValue(XNamespace.Get("urn:foreign") + "key", "1"),
                element => element.SetAttributeValue("type", "CanonicalUser"),
            ])
            {
                Malformed(shape, Changed(shape, i, change));
            }

            XElement place = XElement.Parse(Sample(shape)).DescendantsAndSelf().ElementAt(i);
            if (place.Value.Length == 0 || place.HasElements)
            {
                Malformed(shape, Changed(shape, i, element => element.Add("text")));
                Malformed(shape, Changed(shape, i, element => element.Add(new XCData("text"))));
            }

            if (place.HasElements)
            {
                Malformed(shape, Changed(shape, i, element => element.Elements().First().Name = "Unknown"));
                Malformed(shape, Changed(shape, i, element => element.Elements().First().Name = XNamespace.Get("urn:foreign") + element.Elements().First().Name.LocalName));
            }

            if (place.Parent is not null && ShapeOf(shape, place).Most == 1)
            {
                Malformed(shape, Changed(shape, i, element => element.AddAfterSelf(new XElement(element))));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_only_S3_has_is_said_not_to_be_built(string name)
    {
        DocumentShape shape = Shapes[name];
        foreach ((ElementShape parent, ElementShape missing) in NotImplemented(shape.Root))
        {
            int place = XElement.Parse(Sample(shape)).DescendantsAndSelf().Select(e => e.Name.LocalName).ToList().IndexOf(parent.Name);
            byte[] document = Changed(shape, place, element => element.Add(new XElement(missing.Name, new XElement("Whatever", "it", new XElement("Holds")))));
            S3Exception refusal = Assert.Throws<S3Exception>(() => DocumentReader.Read(shape, document));
            Assert.Equal(S3Error.NotImplemented, refusal.Error);
            Assert.Equal(missing.Refusal, refusal.Message);

            // A body that is no document at all is refused as such first.
            Malformed(shape, document[..^1]);
            Malformed(shape, Utf8(Encoding.UTF8.GetString(document).Replace($"</{missing.Name}>", $"</{missing.Name}><Unknown/>", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void The_table_of_what_is_not_implemented()
    {
        Assert.Equal(
            ["CreateBucketConfiguration/Bucket", "CreateBucketConfiguration/Location",
                "CreateBucketConfiguration/Tags", "NotificationConfiguration/CloudFunctionConfiguration",
                "NotificationConfiguration/EventBridgeConfiguration", "NotificationConfiguration/QueueConfiguration",
                "NotificationConfiguration/TopicConfiguration", "ObjectLockConfiguration/ObjectLockEnabled", "ObjectLockConfiguration/Rule",
                "Retention/Mode", "Retention/RetainUntilDate",
                "Rule/NoncurrentVersionTransition", "Rule/Transition", "VersioningConfiguration/ExcludeFolders", "VersioningConfiguration/ExcludedPrefixes"],
            Shapes.Values.SelectMany(shape => NotImplemented(shape.Root)).Select(pair => $"{pair.Parent.Name}/{pair.Missing.Name}")
                .Where(place => !place.StartsWith("Part/Checksum", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_type_of_a_grantee_is_kept()
    {
        DocumentElement read = DocumentReader.Read(
            DocumentShapes.Acl,
            Utf8("<AccessControlPolicy xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><AccessControlList><Grant><i:Grantee i:type=' Group '><URI>u</URI></i:Grantee></Grant></AccessControlList></AccessControlPolicy>"));
        Assert.Equal("Group", read.Find("AccessControlList")!.Find("Grant")!.Find("Grantee")!.Type);
        Assert.Null(read.Type);
    }

    [Fact]
    public void Lists_have_a_length()
    {
        string keys = string.Concat(Enumerable.Repeat("<Object><Key>k</Key></Object>", 1000));
        Assert.Equal(1000, DocumentReader.Read(DocumentShapes.Delete, Utf8($"<Delete>{keys}</Delete>")).Children.Count);
        Malformed(DocumentShapes.Delete, Utf8($"<Delete>{keys}<Object><Key>k</Key></Object></Delete>"));
        string parts = string.Concat(Enumerable.Repeat("<Part/>", 10_000));
        Assert.Equal(10_000, DocumentReader.Read(DocumentShapes.Completion, Utf8($"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")).Children.Count);
        Malformed(DocumentShapes.Completion, Utf8($"<CompleteMultipartUpload>{parts}<Part/></CompleteMultipartUpload>"));
    }

    [Fact]
    public void Text_comes_whole_whatever_it_is_cut_by()
    {
        string key = string.Concat(Enumerable.Repeat("<b>&😀\u0001\r\n ", 2000));
        string sent = key.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("\r", "&#xd;", StringComparison.Ordinal).Replace("\u0001", "&#1;", StringComparison.Ordinal).Replace("b", "b<!-- x --><![CDATA[]]>", StringComparison.Ordinal);
        DocumentElement read = DocumentReader.Read(DocumentShapes.Delete, Utf8($"<Delete><Object><Key>{sent}</Key><VersionId> </VersionId></Object></Delete>"));
        Assert.Equal(key, read.Children[0].TextOf("Key"));
        Assert.Equal(" ", read.Children[0].TextOf("VersionId"));
    }

    [Theory]
    [InlineData("<Delete {0}/>", " a{0}='v'")]
    [InlineData("<Delete {0}/>", " xmlns:a{0}='v'")]
    [InlineData("<Delete><Object>{0}</Object></Delete>", "<n{0}/>")]
    [InlineData("<Delete><Object><Key>{0}</Key></Object></Delete>", "<!-- {0} -->")]
    [InlineData("<Delete><Object><Key>{0}</Key></Object></Delete>", "&n{0};")]
    [InlineData("<Delete>{0}</Delete>", "<Object/>")]
    [InlineData("<Delete>{0}</Delete>", "<Object xmlns:a{0}='v'/>")]
    [InlineData("<Delete>{0}</Delete>", "<?n{0} x?>")]
    [InlineData("<Delete>{0}</Delete>", "<Delete>")]
    [InlineData("<!DOCTYPE d [{0}]>", "<!ENTITY e{0} 'x'>")]
    public void No_document_costs_many_times_its_size(string frame, string piece)
    {
        var pieces = new StringBuilder();
        for (int i = 0; pieces.Length < 2 * 1024 * 1024; i++)
        {
            pieces.Append(piece.Replace("{0}", $"{i}", StringComparison.Ordinal));
        }

        byte[] document = Utf8(frame.Replace("{0}", pieces.ToString(), StringComparison.Ordinal));
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            DocumentReader.Read(DocumentShapes.Delete, document);
        }
        catch (S3Exception e)
        {
            Assert.Equal(S3Error.MalformedXml, e.Error);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8L * document.Length);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static void Malformed(DocumentShape shape, byte[] document)
    {
        S3Exception? refusal = null;
        try
        {
            DocumentReader.Read(shape, document);
        }
        catch (S3Exception e)
        {
            refusal = e;
        }

        Assert.True(refusal?.Error == shape.Malformed, $"{refusal?.Error.Code ?? "read"}: {Encoding.UTF8.GetString(document.AsSpan(0, Math.Min(document.Length, 2000)))}");
    }

    /// <summary>The document with everything in it that is built, once, its texts <c>x</c>.</summary>
    private static string Sample(DocumentShape shape) => Sample(shape.Root);

    private static string Sample(ElementShape shape) =>
        $"<{shape.Name}>{(shape.Children is { } children ? string.Concat(children.Where(child => child.Refusal is null).Select(Sample)) : "x")}</{shape.Name}>";

    private static byte[] Changed(DocumentShape shape, int place, Action<XElement> change)
    {
        XElement root = XElement.Parse(Sample(shape));
        change(root.DescendantsAndSelf().ElementAt(place));
        return Utf8(root.ToString(SaveOptions.DisableFormatting));
    }

    private static ElementShape ShapeOf(DocumentShape shape, XElement element) => element.Parent is { } parent
        ? ShapeOf(shape, parent).Children!.Single(child => child.Name == element.Name.LocalName)
        : shape.Root;

    private static IEnumerable<(ElementShape Parent, ElementShape Missing)> NotImplemented(ElementShape shape) => (shape.Children ?? [])
        .SelectMany(child => child.Refusal is null ? NotImplemented(child) : [(shape, child)]);

    private static string Prefixed(string xml) => xml.Replace("</", "</s:", StringComparison.Ordinal).Replace("<", "<s:", StringComparison.Ordinal)
        .Replace("<s:/s:", "</s:", StringComparison.Ordinal);

    private static string Describe(DocumentElement element) => $"{element.Name}({element.Text}{string.Concat(element.Children.Select(Describe))})";
}
