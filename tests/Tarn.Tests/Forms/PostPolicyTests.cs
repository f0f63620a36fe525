using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Forms;

namespace Tarn.Tests.Forms;

public sealed class PostPolicyTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Conditions beside those on bucket and key, the form's other fields as name=value, and the refusal.</summary>
    [Theory]
    [InlineData("", "", null)]
    [InlineData("""["eq", "$acl", "private"]""", "acl=private", null)]
    [InlineData("""["eq", "$acl", "private"]""", "acl=public-read", """Policy Condition failed: ["eq", "$acl", "private"]""")]
    [InlineData("""["eq", "$acl", "private"]""", "", """Policy Condition failed: ["eq", "$acl", "private"]""")]
    [InlineData("""["EQ", "$ACL", "private"]""", "Acl=private", null)]
    [InlineData("""{"acl": "private"}""", "acl=private", null)]
    [InlineData("""{"acl": "private"}""", "acl=PRIVATE", """Policy Condition failed: ["eq", "$acl", "private"]""")]
    [InlineData("""["starts-with", "$x-amz-meta-a", "b"]""", "x-amz-meta-a=bc", null)]
    [InlineData("""["starts-with", "$x-amz-meta-a", "b"]""", "x-amz-meta-a=cb", """Policy Condition failed: ["starts-with", "$x-amz-meta-a", "b"]""")]
    [InlineData("""["starts-with", "$x-amz-meta-a", ""]""", "x-amz-meta-a=anything", null)]
    [InlineData("""["starts-with", "$x-amz-meta-a", ""]""", "", null)]
    [InlineData("""["starts-with", "$Content-Type", "image/"]""", "Content-Type=image/png,image/gif", null)]
    [InlineData("""["starts-with", "$Content-Type", "image/"]""", "Content-Type=image/png,text/html", """Policy Condition failed: ["starts-with", "$Content-Type", "image/"]""")]
    [InlineData("""["eq", "$acl", "private"], ["starts-with", "$acl", "pub"]""", "acl=private", """Policy Condition failed: ["starts-with", "$acl", "pub"]""")]
    [InlineData("", "x-amz-meta-a=b", "Extra input fields: x-amz-meta-a")]
    [InlineData("", "x-amz-meta-a=b,success_action_status=201", "Extra input fields: x-amz-meta-a, success_action_status")]
    [InlineData("", "X-Ignore-Me=b,x-amz-signature=s,Policy=p", null)]
    [InlineData("""["content-length-range", 1, 10]""", "", null)]
    public void Conditions(string conditions, string fields, string? refusal)
    {
        PostPolicy policy = Parse("""{"bucket": "b"}, ["starts-with", "$key", "u/"]""" + (conditions.Length == 0 ? "" : ", " + conditions));
        Assert.Equal(refusal, Refusal(policy, Fields("key=u/x" + (fields.Length == 0 ? "" : "," + fields)), "b"));
    }

    [Fact]
    public void Bucket_and_key_must_be_allowed()
    {
        PostPolicy both = Parse("""{"bucket": "b"}, {"key": "k"}""");
        Assert.Null(Refusal(both, Fields("key=k"), "b"));
        Assert.Equal("""Policy Condition failed: ["eq", "$bucket", "b"]""", Refusal(both, Fields("key=k"), "other"));
        Assert.Equal("""Policy Condition failed: ["eq", "$bucket", "b"]""", Refusal(both, Fields("key=k,bucket=b"), "other"));
        Assert.Equal("Extra input fields: bucket", Refusal(Parse("""{"key": "k"}"""), Fields("key=k"), "b"));
        Assert.Equal("Extra input fields: key", Refusal(Parse("""{"bucket": "b"}"""), Fields("key=k"), "b"));
    }

    [Theory]
    [InlineData("2030-01-01T00:00:00Z", false)]
    [InlineData("2030-01-01T00:00:00.001Z", true)]
    [InlineData("2030-01-01T00:00:01Z", true)]
    [InlineData("2029-12-31T23:59:59.999Z", false)]
    [InlineData("9999-12-31T23:59:59.999Z", true)]
    public void It_ends(string expiration, bool holds)
    {
        PostPolicy policy = PostPolicyReader.Read(Encode($$"""{"expiration": "{{expiration}}", "conditions": [{"bucket": "b"}]}"""));
        Assert.Equal(holds ? null : "Policy expired.", Refusal(policy, Fields(""), "b"));
    }

    [Fact]
    public void Ranges_of_length_narrow_each_other()
    {
        PostPolicy policy = Parse("""["content-length-range", 5, 100], ["content-length-range", "1", "50"]""");
        Assert.Equal((5L, 50L), (policy.MinLength, policy.MaxLength));
        Assert.Equal((0L, long.MaxValue), (Parse("").MinLength, Parse("").MaxLength));
    }

    [Theory]
    [InlineData("", "Invalid JSON.")]
    [InlineData("[]", "Invalid JSON.")]
    [InlineData("{", "Invalid JSON.")]
    [InlineData("""{"expiration": "2030-01-01T00:00:00Z", "expiration": "2031-01-01T00:00:00Z", "conditions": []}""", "Invalid JSON.")]
    [InlineData("""{"conditions": []}""", "Policy missing expiration.")]
    [InlineData("""{"expiration": "2030-01-01T00:00:00Z"}""", "Policy missing conditions.")]
    [InlineData("""{"expiration": "2030-01-01T00:00:00Z", "conditions": {}}""", "Invalid 'conditions' value: must be a List.")]
    [InlineData("""{"expiration": "tomorrow", "conditions": []}""", "Invalid 'expiration' value: \"tomorrow\"")]
    [InlineData("""{"expiration": 5, "conditions": []}""", "Invalid 'expiration' value: 5")]
    [InlineData("""{"expiration": "2030-01-01T00:00:00Z", "conditions": [], "more": 1}""", "Unexpected: 'more'.")]
    public void Documents_that_are_none(string document, string why) => Malformed(Encode(document), why);

    [Theory]
    [InlineData("5", "Invalid Condition: must be a List or an Object.")]
    [InlineData("""{"a": "b", "c": "d"}""", "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")]
    [InlineData("{}", "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")]
    [InlineData("""{"a": 201}""", "Invalid Simple-Condition: value must be a string.")]
    [InlineData("""["eq", "$a"]""", "Invalid Condition: wrong number of arguments.")]
    [InlineData("""["eq", "a", "b"]""", "Invalid Condition: the name of a field must begin with '$'.")]
    [InlineData("""["eq", "$a", 5]""", "Invalid Condition: the arguments of 'eq' must be strings.")]
    [InlineData("""["ends-with", "$a", "b"]""", "Invalid Condition: unknown operation 'ends-with'.")]
    [InlineData("""["content-length-range", 10, 5]""", "Invalid Condition: the arguments of 'content-length-range' must be two numbers in order.")]
    [InlineData("""["content-length-range", -1, 5]""", "Invalid Condition: the arguments of 'content-length-range' must be two numbers in order.")]
    [InlineData("""["content-length-range", 1.5, 5]""", "Invalid Condition: the arguments of 'content-length-range' must be two numbers in order.")]
    public void Conditions_that_are_none(string condition, string why) =>
        Malformed(Encode($$"""{"expiration": "2031-01-01T00:00:00Z", "conditions": [{{condition}}]}"""), why);

    [Fact]
    public void Base64_that_is_none()
    {
        Malformed("%%%", "Invalid Base64.");
        Malformed(Convert.ToBase64String([0xFF, 0xFE]), "Invalid JSON.");
        Malformed(Encode("""{"expiration": "2031-01-01T00:00:00Z", "conditions": [{"a": "\ud800"}]}"""), "Invalid JSON.");
    }

    /// <summary>Any document is either a policy or refused.</summary>
    [Fact]
    public void Damage_is_read_or_refused()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"expiration": "2031-01-01T00:00:00.000Z", "conditions": [{"bucket": "b"}, ["eq", "$key", "\u00e9"], ["content-length-range", 1, 2]]}""");
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            byte[] document = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                document[random.Next(document.Length)] = random.Next(2) == 0 ? "[]{}\",:\\u09$"u8[random.Next(12)] : (byte)random.Next(256);
            }

            try
            {
                PostPolicyReader.Read(Convert.ToBase64String(document)).ThrowIfViolated(Fields("key=k"), "b", Now);
            }
            catch (S3Exception e)
            {
                Assert.True(e.Error == S3Error.InvalidPolicyDocument || e.Error == S3Error.AccessDenied, e.Message);
            }
        }
    }

    private static PostPolicy Parse(string conditions) =>
        PostPolicyReader.Read(Encode($$"""{"expiration": "2031-01-01T00:00:00Z", "conditions": [{{conditions}}]}"""));

    private static string Encode(string document) => Convert.ToBase64String(Encoding.UTF8.GetBytes(document));

    private static FormFields Fields(string pairs)
    {
        // Commas separate the pairs, so that one before something without an equals sign belongs to the value.
        var fields = new FormFields();
        List<(string Name, string Value)> parsed = [];
        foreach (string piece in pairs.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = piece.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                parsed[^1] = (parsed[^1].Name, parsed[^1].Value + "," + piece);
            }
            else
            {
                parsed.Add((piece[..equals], piece[(equals + 1)..]));
            }
        }

        parsed.ForEach(pair => fields.Add(pair.Name, pair.Value));
        return fields;
    }

    private static string? Refusal(PostPolicy policy, FormFields fields, string bucket)
    {
        try
        {
            policy.ThrowIfViolated(fields, bucket, Now);
            return null;
        }
        catch (S3Exception e)
        {
            Assert.Equal(S3Error.AccessDenied, e.Error);
            Assert.StartsWith("Invalid according to Policy: ", e.Message, StringComparison.Ordinal);
            return e.Message["Invalid according to Policy: ".Length..];
        }
    }

    private static void Malformed(string base64, string why)
    {
        var refusal = Assert.Throws<S3Exception>(() => PostPolicyReader.Read(base64));
        Assert.Equal(S3Error.InvalidPolicyDocument, refusal.Error);
        Assert.Equal("Invalid Policy: " + why, refusal.Message);
    }
}
