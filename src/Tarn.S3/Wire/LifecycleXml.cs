using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Tarn.Core;
using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;
using Tarn.Core.Tagging;

namespace Tarn.S3.Wire;

/// <summary>Reads the document of lifecycle rules. Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.</summary>
internal static class LifecycleXml
{
    public const string Root = "LifecycleConfiguration";

    /// <summary>Bytes of randomness in the id of a rule that came without one.</summary>
    private const int GeneratedIdBytes = 24;

    /// <exception cref="S3Exception">MalformedXML, InvalidRequest, InvalidArgument, InvalidTag; NotImplemented for transitions.</exception>
    public static LifecycleConfiguration Read(XElement document, TransitionMinimum minimum, IRandomSource random)
    {
        var rules = new List<LifecycleRule>();
        foreach (XElement element in document.Elements())
        {
            rules.Add(element.Name.LocalName == "Rule" ? ReadRule(element, random) : throw Malformed());
        }

        return LifecycleConfiguration.Create(rules, minimum);
    }

    private static LifecycleRule ReadRule(XElement element, IRandomSource random)
    {
        string? id = null, status = null, prefix = null;
        LifecycleFilter? filter = null;
        LifecycleExpiration? expiration = null;
        NoncurrentExpiration? noncurrent = null;
        int? abort = null;
        DemandDistinct(element, "Transition", "NoncurrentVersionTransition");
        foreach (XElement part in element.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "ID": id = part.Value; break;
                case "Status": status = part.Value.Trim(); break;
                case "Prefix": prefix = part.Value; break;
                case "Filter": filter = ReadFilter(part); break;
                case "Expiration": expiration = ReadExpiration(part); break;
                case "NoncurrentVersionExpiration": noncurrent = ReadNoncurrent(part); break;
                case "AbortIncompleteMultipartUpload": abort = ReadAbort(part); break;
                case "Transition" or "NoncurrentVersionTransition":
                    throw new S3Exception(S3Error.NotImplemented, "Lifecycle transitions are not implemented: every storage class is stored alike.");
                default: throw Malformed();
            }
        }

        return new LifecycleRule
        {
            Id = string.IsNullOrEmpty(id) ? GenerateId(random) : id,
            Enabled = status switch { "Enabled" => true, "Disabled" => false, _ => throw Malformed() },
            Filter = (filter, prefix) switch
            {
                (null, null) => throw Malformed(),
                (null, _) => new LifecycleFilter { Prefix = prefix, Form = LifecycleFilterForm.RulePrefix },
                (_, null) => filter,
                _ => throw new S3Exception(S3Error.InvalidRequest, "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."),
            },
            Expiration = expiration,
            NoncurrentExpiration = noncurrent,
            AbortUploadDays = abort,
        };
    }

    private static LifecycleFilter ReadFilter(XElement element)
    {
        XElement[] parts = [.. element.Elements()];
        return parts switch
        {
            [] => LifecycleFilter.Everything,
            [{ Name.LocalName: "And" } and] => ReadConditions(and) with { Form = LifecycleFilterForm.And },
            [_] => ReadConditions(element),
            _ => throw Malformed(),
        };
    }

    private static LifecycleFilter ReadConditions(XElement element)
    {
        var filter = new LifecycleFilter();
        var tags = new List<KeyValuePair<string, string>>();
        DemandDistinct(element, "Tag");
        foreach (XElement part in element.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "Prefix": filter = filter with { Prefix = part.Value }; break;
                case "Tag": tags.Add(TaggingXml.ReadTag(part)); break;
                case "ObjectSizeGreaterThan": filter = filter with { SizeGreaterThan = ReadNumber(part) }; break;
                case "ObjectSizeLessThan": filter = filter with { SizeLessThan = ReadNumber(part) }; break;
                default: throw Malformed();
            }
        }

        if (tags.DistinctBy(static tag => tag.Key, StringComparer.Ordinal).Count() != tags.Count)
        {
            throw new S3Exception(S3Error.InvalidRequest, "Duplicate Tag Keys are not allowed.");
        }

        return filter with { Tags = TagSet.Create(tags, TagLimits.Object) };
    }

    private static LifecycleExpiration ReadExpiration(XElement element)
    {
        int? days = null;
        DateTimeOffset? date = null;
        bool? marker = null;
        DemandDistinct(element);
        foreach (XElement part in element.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "Days": days = ReadDays(part); break;
                case "Date": date = ReadDate(part.Value.Trim()); break;
                case "ExpiredObjectDeleteMarker":
                    marker = part.Value.Trim().ToLowerInvariant() switch { "true" => true, "false" => false, _ => throw Malformed() };
                    break;
                default: throw Malformed();
            }
        }

        return new LifecycleExpiration(days, date, marker);
    }

    private static NoncurrentExpiration ReadNoncurrent(XElement element)
    {
        int days = 0;
        int? keep = null;
        DemandDistinct(element);
        foreach (XElement part in element.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "NoncurrentDays": days = ReadDays(part); break;
                case "NewerNoncurrentVersions": keep = ReadDays(part); break;
                default: throw Malformed();
            }
        }

        return new NoncurrentExpiration(days, keep);
    }

    private static int ReadAbort(XElement element) =>
        element.Elements().ToArray() is [{ Name.LocalName: "DaysAfterInitiation" } days] ? ReadDays(days) : throw Malformed();

    /// <summary>A whole number of any sign; one too large for S3's integers is not of its schema.</summary>
    private static int ReadDays(XElement element) =>
        int.TryParse(element.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw Malformed();

    private static long ReadNumber(XElement element) =>
        long.TryParse(element.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : throw Malformed();

    /// <summary>A day, or a time with or without its offset; without one it is UTC.</summary>
    private static DateTimeOffset ReadDate(string text)
    {
        try
        {
            DateTime time = XmlConvert.ToDateTime(text, XmlDateTimeSerializationMode.RoundtripKind);
            return time.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(time, TimeSpan.Zero) : new DateTimeOffset(time).ToUniversalTime();
        }
        catch (Exception e) when (e is FormatException or ArgumentOutOfRangeException)
        {
            throw new S3Exception(S3Error.MalformedXml, inner: e);
        }
    }

    /// <summary>No element may come twice, but for those that make lists.</summary>
    private static void DemandDistinct(XElement element, params ReadOnlySpan<string> lists)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (XElement part in element.Elements())
        {
            if (!seen.Add(part.Name.LocalName) && !lists.Contains(part.Name.LocalName))
            {
                throw Malformed();
            }
        }
    }

    private static string GenerateId(IRandomSource random)
    {
        byte[] bytes = new byte[GeneratedIdBytes];
        random.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static S3Exception Malformed() => new(S3Error.MalformedXml);
}
