using Tarn.Core.Errors;
using Tarn.S3.Wire;

namespace Tarn.Tests.Wire;

/// <summary>Source: Amazon S3 API Reference, CopyObject, <c>x-amz-copy-source</c>.</summary>
public sealed class CopySourceTests
{
    /// <summary>All printable ASCII, and some characters that are not.</summary>
    public const string Characters = " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~aZ09\t\u007f\u00e9\u2603\U0001f600";

    [Theory]
    [InlineData("b/a+b", "a b")]
    [InlineData("/b/a%2Bb", "a+b")]
    [InlineData("b/a%20b+c%2B", "a b c+")]
    [InlineData("b%2Fa+b", "a b")]
    [InlineData("b/a//b", "a//b")]
    [InlineData("b/a%3FversionId=x", "a?versionId=x")]
    public void A_plus_sign_is_a_space(string header, string key) => Assert.Equal(key, CopySource.Parse(header).Key.ToString());

    [Fact]
    public void The_encodings_of_clients_name_the_same_key()
    {
        string key = "k" + Characters;
        // boto3, JavaScript's encodeURIComponent, Java and .NET; s5cmd and Go's QueryEscape; those that escape all.
        string strict = Uri.EscapeDataString(key);
        Assert.Equal(key, CopySource.Parse("b/" + strict).Key.ToString());
        Assert.Equal(key, CopySource.Parse("b/" + strict.Replace("%2F", "/", StringComparison.Ordinal)).Key.ToString());
        Assert.Equal(key, CopySource.Parse("b/" + strict.Replace("%20", "+", StringComparison.Ordinal)).Key.ToString());
        Assert.Equal(key, CopySource.Parse("/b/" + System.Net.WebUtility.UrlEncode(key)).Key.ToString());
        Assert.Equal(key, CopySource.Parse("b%2F" + string.Concat(System.Text.Encoding.UTF8.GetBytes(key).Select(b => $"%{b:x2}"))).Key.ToString());

        // rclone and minio escape what a path must, and the plus sign.
        string path = strict;
        foreach (char c in "$&'()*,:;=@/!~")
        {
            path = path.Replace($"%{(int)c:X2}", c.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(key, CopySource.Parse("b/" + path).Key.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("b")]
    [InlineData("b/")]
    [InlineData("b/%zz")]
    [InlineData("b/%00")]
    [InlineData("b/k?versionId=")]
    public void What_names_no_object_is_refused(string header) =>
        Assert.Equal(S3Error.InvalidArgument, Assert.Throws<S3Exception>(() => CopySource.Parse(header)).Error);
}
