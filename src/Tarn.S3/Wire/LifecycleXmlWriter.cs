using Tarn.Core.Lifecycle;

namespace Tarn.S3.Wire;

/// <summary>Writes the document of lifecycle rules as it was put. Source: Amazon S3 API Reference, GetBucketLifecycleConfiguration.</summary>
internal static class LifecycleXmlWriter
{
    public static void Write(ref S3XmlWriter xml, LifecycleConfiguration configuration)
    {
        xml.StartRoot("LifecycleConfiguration"u8);
        foreach (LifecycleRule rule in configuration.Rules)
        {
            xml.Start("Rule"u8);
            Write(ref xml, rule);
            xml.End("Rule"u8);
        }

        xml.End("LifecycleConfiguration"u8);
    }

    private static void Write(ref S3XmlWriter xml, LifecycleRule rule)
    {
        xml.Element("ID"u8, rule.Id.AsSpan());
        Write(ref xml, rule.Filter);
        xml.Element("Status"u8, rule.Enabled ? "Enabled"u8 : "Disabled"u8);
        if (rule.Expiration is { } expiration)
        {
            xml.Start("Expiration"u8);
            Number(ref xml, "Days"u8, expiration.Days);
            if (expiration.Date is { } date)
            {
                xml.Element("Date"u8, date);
            }

            if (expiration.ExpiredObjectDeleteMarker is { } marker)
            {
                xml.Element("ExpiredObjectDeleteMarker"u8, marker);
            }

            xml.End("Expiration"u8);
        }

        if (rule.NoncurrentExpiration is { } noncurrent)
        {
            xml.Start("NoncurrentVersionExpiration"u8);
            Number(ref xml, "NoncurrentDays"u8, noncurrent.Days);
            Number(ref xml, "NewerNoncurrentVersions"u8, noncurrent.Keep);
            xml.End("NoncurrentVersionExpiration"u8);
        }

        if (rule.AbortUploadDays is { } days)
        {
            xml.Start("AbortIncompleteMultipartUpload"u8);
            Number(ref xml, "DaysAfterInitiation"u8, days);
            xml.End("AbortIncompleteMultipartUpload"u8);
        }
    }

    private static void Write(ref S3XmlWriter xml, LifecycleFilter filter)
    {
        if (filter.Form == LifecycleFilterForm.RulePrefix)
        {
            xml.Optional("Prefix"u8, filter.Prefix);
            return;
        }

        xml.Start("Filter"u8);
        bool and = filter.Form == LifecycleFilterForm.And;
        if (and)
        {
            xml.Start("And"u8);
        }

        xml.Optional("Prefix"u8, filter.Prefix);
        foreach (KeyValuePair<string, string> tag in filter.Tags.Pairs)
        {
            TaggingXml.WriteTag(ref xml, tag);
        }

        Number(ref xml, "ObjectSizeGreaterThan"u8, filter.SizeGreaterThan);
        Number(ref xml, "ObjectSizeLessThan"u8, filter.SizeLessThan);
        if (and)
        {
            xml.End("And"u8);
        }

        xml.End("Filter"u8);
    }

    private static void Number(ref S3XmlWriter xml, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } given)
        {
            xml.Element(name, given);
        }
    }
}
