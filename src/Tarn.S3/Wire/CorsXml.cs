using System.Globalization;
using System.Xml.Linq;
using Tarn.Core.Cors;
using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>The document of cross-origin rules. Source: Amazon S3 API Reference, PutBucketCors and GetBucketCors.</summary>
internal static class CorsXml
{
    public const string Root = "CORSConfiguration";

    /// <summary>Bytes. Source: Amazon S3 API Reference, PutBucketCors.</summary>
    public const int Limit = 64 * 1024;

    /// <exception cref="S3Exception">MalformedXML, InvalidRequest.</exception>
    public static CorsConfiguration Read(XElement document)
    {
        var rules = new List<CorsRule>();
        foreach (XElement element in document.Elements())
        {
            rules.Add(element.Name.LocalName == "CORSRule" ? ReadRule(element) : throw Malformed());
        }

        return CorsConfiguration.Create(rules);
    }

    public static void Write(ref S3XmlWriter xml, CorsConfiguration configuration)
    {
        xml.StartRoot("CORSConfiguration"u8);
        foreach (CorsRule rule in configuration.Rules)
        {
            xml.Start("CORSRule"u8);
            if (rule.Id is { } id)
            {
                xml.Element("ID"u8, id.AsSpan());
            }

            Write(ref xml, "AllowedHeader"u8, rule.AllowedHeaders);
            Write(ref xml, "AllowedMethod"u8, rule.AllowedMethods);
            Write(ref xml, "AllowedOrigin"u8, rule.AllowedOrigins);
            Write(ref xml, "ExposeHeader"u8, rule.ExposeHeaders);
            if (rule.MaxAgeSeconds is { } seconds)
            {
                xml.Element("MaxAgeSeconds"u8, seconds);
            }

            xml.End("CORSRule"u8);
        }

        xml.End("CORSConfiguration"u8);
    }

    private static CorsRule ReadRule(XElement element)
    {
        string? id = null;
        int? maxAge = null;
        List<string> origins = [], methods = [], headers = [], exposed = [];
        foreach (XElement part in element.Elements())
        {
            switch (part.Name.LocalName)
            {
                case "ID" when id is null: id = part.Value; break;
                case "MaxAgeSeconds" when maxAge is null:
                    maxAge = int.TryParse(part.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds : throw Malformed();
                    break;
                case "AllowedOrigin": origins.Add(part.Value.Trim()); break;
                case "AllowedMethod": methods.Add(part.Value.Trim()); break;
                case "AllowedHeader": headers.Add(part.Value.Trim()); break;
                case "ExposeHeader": exposed.Add(part.Value.Trim()); break;
                default: throw Malformed();
            }
        }

        return new CorsRule
        {
            Id = id, AllowedOrigins = origins, AllowedMethods = methods, AllowedHeaders = headers, ExposeHeaders = exposed, MaxAgeSeconds = maxAge,
        };
    }

    private static void Write(ref S3XmlWriter xml, ReadOnlySpan<byte> element, IReadOnlyList<string> texts)
    {
        foreach (string text in texts)
        {
            xml.Element(element, text.AsSpan());
        }
    }

    private static S3Exception Malformed() => new(S3Error.MalformedXml);
}
