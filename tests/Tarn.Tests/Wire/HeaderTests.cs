using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Hashing;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

public class HeaderTests
{
    [Fact]
    public void Stores_what_S3_stores()
    {
        var sent = new HeaderDictionary
        {
            ["Content-Type"] = "text/plain",
            ["Cache-Control"] = "no-cache",
            ["Content-Encoding"] = "aws-chunked, gzip",
            ["Expires"] = "never",
            ["X-Amz-Meta-Name"] = "é =?UTF-8?Q?x?=",
            ["x-amz-meta-two"] = new(["a", "b"]),
            ["x-amz-storage-class"] = "STANDARD_IA",
            ["x-amz-acl"] = "private",
            ["x-amz-request-payer"] = "requester",
        };
        ObjectMetadata headers = ObjectHeaders.Read(sent);
        Assert.Equal("gzip", headers.ContentEncoding);
        Assert.Equal([new("name", "é =?UTF-8?Q?x?="), new("two", "a,b")], headers.User);

        var answer = new HeaderDictionary();
        ObjectHeaders.Write(headers, answer);
        Assert.Equal("text/plain", answer["Content-Type"]);
        Assert.Equal("never", answer["Expires"]);
        Assert.Equal("a,b", answer["x-amz-meta-two"]);
        Assert.Equal("STANDARD_IA", answer["x-amz-storage-class"]);
        Assert.Equal(7, answer.Count);
    }

    [Fact]
    public void What_cannot_be_sent_is_counted_as_missing()
    {
        var metadata = new ObjectMetadata
        {
            ContentType = "a\u0001",
            CacheControl = "no-cache",
            User = [new("bad", "a\u001bb"), new("good", "é")],
        };
        var answer = new HeaderDictionary();
        ObjectHeaders.Write(metadata, answer);
        Assert.Equal("2", answer["x-amz-missing-meta"]);
        Assert.Equal(ObjectMetadata.DefaultContentType, answer["Content-Type"]);
        Assert.Equal("no-cache", answer["Cache-Control"]);
        Assert.Equal("=?UTF-8?B?w6k=?=", answer["x-amz-meta-good"]);
        Assert.False(answer.ContainsKey("x-amz-meta-bad"));
    }

    [Fact]
    public void Defaults_to_octets() => Assert.Equal("binary/octet-stream", ObjectHeaders.Read(new HeaderDictionary()).ContentType);

    [Theory]
    [InlineData("aws-chunked", null)]
    [InlineData("AWS-chunked,gzip", "gzip")]
    [InlineData("gzip, br", "gzip, br")]
    public void Aws_chunked_is_no_property_of_the_object(string sent, string? stored) => Assert.Equal(stored, ObjectHeaders.StripAwsChunked(sent));

    [Theory]
    [InlineData("x-amz-meta-a", "\u0001", true)]
    [InlineData("X-Amz-Meta-A", "a\u001b[31m", true)]
    [InlineData("Content-Type", "a\u007f", true)]
    [InlineData("Expires", "a\rb", true)]
    [InlineData("x-amz-meta-a", "a\tb é", false)]
    [InlineData("User-Agent", "\u0001", false)]
    public void What_cannot_be_sent_back_is_not_stored(string name, string value, bool refused) => Assert.Equal(
        refused ? S3Error.InvalidArgument : null, Refusal(() => ObjectHeaders.Read(new HeaderDictionary { [name] = value })));

    [Theory]
    [InlineData(2047, false)]
    [InlineData(2048, true)]
    public void Metadata_is_bounded(int valueBytes, bool refused)
    {
        var headers = new HeaderDictionary { ["x-amz-meta-k"] = new string('v', valueBytes) };
        Assert.Equal(refused ? S3Error.MetadataTooLarge : null, Refusal(() => ObjectHeaders.Read(headers)));
    }

    [Theory]
    [InlineData("x-amz-tagging", "a=b", null)]
    [InlineData("x-amz-tagging", "a=b&a=c", "InvalidArgument")]
    [InlineData("x-amz-storage-class", "FLOPPY", "InvalidStorageClass")]
    public void Stored_headers_that_are_wrong_are_refused(string name, string value, string? code) =>
        Assert.Equal(code, Refusal(() => ObjectHeaders.Read(new HeaderDictionary { [name] = value }))?.Code);

    [Theory]
    [InlineData("b/k", "b", "k", null)]
    [InlineData("/b/k", "b", "k", null)]
    [InlineData("b%2Fk", "b", "k", null)]
    [InlineData("%2Fb%2Fa%2Fk", "b", "a/k", null)]
    [InlineData("b//k", "b", "/k", null)]
    [InlineData("b/a%20b+c%3Fd", "b", "a b c?d", null)]
    [InlineData("b/a%252F", "b", "a%2F", null)]
    [InlineData("b/k?versionId=v1", "b", "k", "v1")]
    [InlineData("b/k?x", "b", "k?x", null)]
    [InlineData("b/é", "b", "é", null)]
    public void Copy_sources(string header, string bucket, string key, string? versionId)
    {
        CopySource source = CopySource.Parse(header);
        Assert.Equal((bucket, key, versionId), (source.Bucket, source.Key.ToString(), source.VersionId));
    }

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("b", "InvalidArgument")]
    [InlineData("b/", "InvalidArgument")]
    [InlineData("//k", "InvalidArgument")]
    [InlineData("b/%FF", "InvalidArgument")]
    [InlineData("b/%", "InvalidArgument")]
    [InlineData("b/k?versionId=", "InvalidArgument")]
    [InlineData("arn:aws:s3:us-east-1:1:accesspoint/a/object/k", "NotImplemented")]
    public void Copy_sources_that_name_no_object(string header, string code) =>
        Assert.Equal(code, Refusal(() => CopySource.Parse(header))?.Code);

    [Theory]
    [InlineData("1B2M2Y8AsgTpgAmY7PhCfg==", null)]
    [InlineData("", "InvalidDigest")]
    [InlineData("AAAA", "InvalidDigest")]
    [InlineData("1B2M2Y8AsgTpgAmY7PhCfgAA", "InvalidDigest")]
    [InlineData("d41d8cd98f00b204e9800998ecf8427e", "InvalidDigest")]
    public void Content_MD5s(string value, string? code) =>
        Assert.Equal(code, Refusal(() => ContentMd5.Read(new HeaderDictionary { ["Content-MD5"] = value }))?.Code);

    [Fact]
    public void Checksum_as_a_header()
    {
        ChecksumHeaders read = ChecksumHeaders.Read(new HeaderDictionary
        {
            ["x-amz-checksum-crc32"] = "AAAAAQ==",
            ["x-amz-sdk-checksum-algorithm"] = "crc32",
        });
        Assert.Equal((ChecksumAlgorithm.Crc32, false), (read.Algorithm, read.InTrailer));
        Assert.Equal<byte>([0, 0, 0, 1], read.Expected!);
    }

    [Fact]
    public void Checksum_in_the_trailer()
    {
        ChecksumHeaders read = ChecksumHeaders.Read(new HeaderDictionary { ["x-amz-trailer"] = "x-amz-other, X-Amz-Checksum-CRC64NVME" });
        Assert.Equal(new ChecksumHeaders(ChecksumAlgorithm.Crc64Nvme, null, true), read);
        Assert.Equal(8, read.ReadTrailer(new Dictionary<string, string> { ["x-amz-checksum-crc64nvme"] = "AAAAAAAAAAA=" }).Length);
        Assert.Equal(S3Error.InvalidRequest, Refusal(() => read.ReadTrailer(new Dictionary<string, string>())));
    }

    [Fact]
    public void No_checksum() => Assert.Equal(default, ChecksumHeaders.Read(new HeaderDictionary { ["x-amz-checksum-mode"] = "ENABLED" }));

    [Theory]
    [InlineData("x-amz-checksum-crc32", "AAAAAQ==", "x-amz-checksum-crc32c", "AAAAAQ==", "Expecting a single x-amz-checksum- header")]
    [InlineData("x-amz-checksum-crc32", "AAAAAQ==", "x-amz-trailer", "x-amz-checksum-crc32", "Expecting a single x-amz-checksum- header")]
    [InlineData("x-amz-checksum-crc32", "AAAA", "x", "y", "Value for x-amz-checksum-crc32 header is invalid.")]
    [InlineData("x-amz-checksum-crc32", "AAAAAQ==-2", "x", "y", "Value for x-amz-checksum-crc32 header is invalid.")]
    [InlineData("x-amz-checksum-sha1", "bad", "x", "y", "Value for x-amz-checksum-sha1 header is invalid.")]
    [InlineData("x-amz-checksum-crc32", "AAAAAQ==", "x-amz-sdk-checksum-algorithm", "SHA1", "Value for x-amz-sdk-checksum-algorithm header is invalid.")]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC7", "x", "y", "Checksum algorithm provided is unsupported.")]
    [InlineData("x-amz-trailer", "x-amz-checksum-crc7", "x", "y", "The value specified in the x-amz-trailer header is not supported")]
    public void Checksums_that_do_not_fit(string name, string value, string other, string otherValue, string message)
    {
        var e = Assert.Throws<S3Exception>(() => ChecksumHeaders.Read(new HeaderDictionary { [name] = value, [other] = otherValue }));
        Assert.Equal(S3Error.InvalidRequest, e.Error);
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    private static S3Error? Refusal(Func<object?> read) => Record.Exception(() => read()) is { } e ? Assert.IsType<S3Exception>(e).Error : null;
}
