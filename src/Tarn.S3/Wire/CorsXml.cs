using System.Globalization;
using Tarn.Core.Cors;
using Tarn.Core.Errors;
using Tarn.S3.Documents;

namespace Tarn.S3.Wire;

/// <summary>Reads and writes the document of CORS rules. Source: Amazon S3 API Reference, PutBucketCors and GetBucketCors.</summary>
internal static class CorsXml
{
    /// <exception cref="S3Exception">MalformedXML, InvalidRequest.</exception>
    public static CorsConfiguration Read(DocumentElement document) => CorsConfiguration.Create([.. document.Children.Select(ReadRule)]);

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

    private static CorsRule ReadRule(DocumentElement rule)
    {
        int? maxAge = rule.TextOf("MaxAgeSeconds") is not { } text ? null
            : int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? seconds
            : throw new S3Exception(S3Error.MalformedXml);
        return new CorsRule
        {
            Id = rule.TextOf("ID"),
            AllowedOrigins = Texts(rule, "AllowedOrigin"),
            AllowedMethods = Texts(rule, "AllowedMethod"),
            AllowedHeaders = Texts(rule, "AllowedHeader"),
            ExposeHeaders = Texts(rule, "ExposeHeader"),
            MaxAgeSeconds = maxAge,
        };
    }

    private static List<string> Texts(DocumentElement rule, string name) => [.. rule.All(name).Select(element => element.Text.Trim())];

    private static void Write(ref S3XmlWriter xml, ReadOnlySpan<byte> element, IReadOnlyList<string> texts)
    {
        foreach (string text in texts)
        {
            xml.Element(element, text.AsSpan());
        }
    }
}
