using System.Globalization;
using System.Xml;
using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;
using Tarn.Core;
using Tarn.Core.Model;
using Tarn.S3.Documents;

namespace Tarn.S3.Wire;

/// <summary>Reads the document of lifecycle rules. Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration.</summary>
internal static class LifecycleXml
{
    /// <summary>Random bytes in the id of a rule that was put without one.</summary>
    private const int GeneratedIdBytes = 24;

    /// <exception cref="S3Exception">MalformedXML, InvalidRequest, InvalidArgument, InvalidTag; NotImplemented for transitions.</exception>
    public static LifecycleConfiguration Read(DocumentElement document, TransitionMinimum minimum, IRandomSource random) =>
        LifecycleConfiguration.Create([.. document.Children.Select(rule => ReadRule(rule, random))], minimum);

    private static LifecycleRule ReadRule(DocumentElement rule, IRandomSource random) => new()
    {
        Id = rule.TextOf("ID") is { Length: > 0 } id ? id : GenerateId(random),
        Enabled = rule.TextOf("Status")?.Trim() switch { "Enabled" => true, "Disabled" => false, _ => throw Malformed() },
        Filter = (rule.Find("Filter"), rule.TextOf("Prefix")) switch
        {
            (null, null) => throw Malformed(),
            (null, { } prefix) => new LifecycleFilter { Prefix = prefix, Form = LifecycleFilterForm.RulePrefix },
            ({ } filter, null) => ReadFilter(filter),
            _ => throw new S3Exception(S3Error.InvalidRequest, "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter."),
        },
        Expiration = rule.Find("Expiration") is { } expiration ? ReadExpiration(expiration) : null,
        NoncurrentExpiration = rule.Find("NoncurrentVersionExpiration") is { } noncurrent ? ReadNoncurrent(noncurrent) : null,
        AbortUploadDays = rule.Find("AbortIncompleteMultipartUpload") is { } abort ? ReadDays(abort.Find("DaysAfterInitiation") ?? throw Malformed()) : null,
    };

    private static LifecycleFilter ReadFilter(DocumentElement filter) => filter.Children switch
    {
        [] => LifecycleFilter.Everything,
        [{ Name: "And" } and] => ReadConditions(and) with { Form = LifecycleFilterForm.And },
        [_] => ReadConditions(filter),
        _ => throw Malformed(),
    };

    private static LifecycleFilter ReadConditions(DocumentElement element)
    {
        List<KeyValuePair<string, string>> tags = [.. element.All("Tag").Select(TaggingXml.ReadTag)];
        if (tags.DistinctBy(static tag => tag.Key, StringComparer.Ordinal).Count() != tags.Count)
        {
            throw new S3Exception(S3Error.InvalidRequest, "Duplicate Tag Keys are not allowed.");
        }

        return new LifecycleFilter
        {
            Prefix = element.TextOf("Prefix"),
            SizeGreaterThan = element.Find("ObjectSizeGreaterThan") is { } greater ? ReadNumber(greater) : null,
            SizeLessThan = element.Find("ObjectSizeLessThan") is { } less ? ReadNumber(less) : null,
            Tags = TagSet.Create(tags, TagLimits.Object),
        };
    }

    private static LifecycleExpiration ReadExpiration(DocumentElement element)
    {
        bool? marker = element.TextOf("ExpiredObjectDeleteMarker")?.Trim().ToLowerInvariant() switch
        {
            null => null,
            "true" => true,
            "false" => false,
            _ => throw Malformed(),
        };
        return new LifecycleExpiration(
            element.Find("Days") is { } days ? ReadDays(days) : null,
            element.TextOf("Date") is { } date ? ReadDate(date.Trim()) : null,
            marker);
    }

    private static NoncurrentExpiration ReadNoncurrent(DocumentElement element) => new(
        element.Find("NoncurrentDays") is { } days ? ReadDays(days) : 0,
        element.Find("NewerNoncurrentVersions") is { } keep ? ReadDays(keep) : null);

    /// <summary>Parses a signed integer; one too large for S3's schema is malformed.</summary>
    private static int ReadDays(DocumentElement element) =>
        int.TryParse(element.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw Malformed();

    private static long ReadNumber(DocumentElement element) =>
        long.TryParse(element.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : throw Malformed();

    /// <summary>Parses a day, or a time with an optional offset; the default is UTC.</summary>
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

    private static string GenerateId(IRandomSource random)
    {
        byte[] bytes = new byte[GeneratedIdBytes];
        random.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static S3Exception Malformed() => new(S3Error.MalformedXml);
}
