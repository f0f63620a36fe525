using System.Globalization;
using System.Net;
using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;

namespace Tarn.Tests.Policy;

/// <summary>A request in the words of policies: condition keys by name, values as texts.</summary>
internal sealed class Ask : IConditionSource
{
    public required string Action { get; init; }

    public string Bucket { get; init; } = "";

    public string Key { get; init; } = "";

    public Principal? Who { get; private set; }

    public Dictionary<string, string[]> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>An anonymous request.</summary>
    /// <param name="resource"><c>bucket</c> or <c>bucket/key</c>.</param>
    public static Ask To(string action, string resource)
    {
        string[] parts = resource.Split('/', 2);
        return new Ask { Action = action, Bucket = parts[0], Key = parts.Length > 1 ? parts[1] : "" };
    }

    public Ask By(string organization, string? user = null, params string[] groups)
    {
        Who = People.Principal(organization, user, groups);
        return this;
    }

    public Ask By(Principal? who)
    {
        Who = who;
        return this;
    }

    public Ask With(string key, params string[] values)
    {
        Values[key] = values;
        return this;
    }

    public PolicyRequest Request() => new(
        S3Actions.TryParse(Action, out S3Action action) ? action : throw new ArgumentException(Action), Bucket, Encoding.UTF8.GetBytes(Key), Who, this);

    public PolicyOutcome Of(BucketPolicy policy) => policy.Evaluate(Request()).Outcome;

    public PolicyOutcome Of(OrganizationPolicy policy) => policy.Evaluate(Request()).Outcome;

    public ConditionValue Get(ConditionKey key, string? tagKey)
    {
        string name = ConditionKeys.ByName.First(row => row.Value == key).Key + tagKey;
        if (!Values.TryGetValue(name, out string[]? values))
        {
            return default;
        }

        if (values.Length != 1)
        {
            return ConditionValue.Of(values);
        }

        // As the web layer answers: typed, where a value has a type.
        string text = values[0];
        return key switch
        {
            ConditionKey.SourceIp when IPAddress.TryParse(text, out IPAddress? address) => ConditionValue.Of(address),
            ConditionKey.CurrentTime when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) => ConditionValue.Of(time),
            ConditionKey.SecureTransport when bool.TryParse(text, out bool flag) => ConditionValue.Of(flag),
            ConditionKey.SignatureAge when long.TryParse(text, CultureInfo.InvariantCulture, out long number) => ConditionValue.Of(number),
            _ => ConditionValue.Of(text),
        };
    }

    public override string ToString() =>
        $"{Who?.Arn ?? "anonymous"} {Action} {Bucket}/{Key} {string.Join(' ', Values.Select(pair => $"{pair.Key}={string.Join(',', pair.Value)}"))}";
}

/// <summary>Principals and the bucket that the tests use.</summary>
internal static class People
{
    public const string Acme = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string Globex = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    public static Principal Principal(string organization, string? user, params string[] groups) =>
        new(organization == "acme" ? Acme : Globex, organization, "AK" + organization + user)
        {
            OrganizationId = organization,
            UserName = user,
            UserId = user is null ? organization : "AID" + user,
            Groups = groups,
        };

    public static BucketName Bucket(string name = "bucket") => BucketName.FromStorage(name);

    public static BucketPolicy Policy(string json, string bucket = "bucket") => BucketPolicy.Parse(Encoding.UTF8.GetBytes(json), Bucket(bucket));

    /// <summary>A policy as it is read back, which may contain what would be refused in a put.</summary>
    public static BucketPolicy Stored(string json, string bucket = "bucket") => BucketPolicy.Load(Encoding.UTF8.GetBytes(json), Bucket(bucket));

    public static OrganizationPolicy OrganizationPolicy(string json, string organization = "acme") =>
        Core.Policy.Documents.OrganizationPolicy.Parse(Encoding.UTF8.GetBytes(json), organization);

    /// <summary>A policy of one statement that is about everyone and everything, under a condition.</summary>
    public static BucketPolicy Conditional(string condition, string effect = "Allow", string version = "2012-10-17") => Policy($$"""
        {"Version":"{{version}}","Statement":[{"Effect":"{{effect}}","Principal":"*","Action":"s3:*",
         "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],"Condition":{{condition}}}]}
        """);
}
