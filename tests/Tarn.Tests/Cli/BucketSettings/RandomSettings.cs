using System.Text.Json.Nodes;

namespace Tarn.Tests.Cli.BucketSettings;

/// <summary>Random settings that a server accepts, as a file has them.</summary>
internal sealed class RandomSettings(Random random)
{
    private static readonly string[] Texts = ["a", "logs/2026", " blank ", "ümlaut", "<&>\"'", "tab\tand\nline", "\u0001", "🙂", "a+b/c=d"];

    /// <summary>All settings; each may be null.</summary>
    /// <param name="bucket">The bucket.</param>
    public JsonObject Next(string bucket)
    {
        bool takesAcls = random.Next(2) == 0;
        return new JsonObject
        {
            ["schemaVersion"] = 1,
            ["versioning"] = Coin() ? null : new JsonObject { ["Status"] = Coin() ? "Enabled" : "Suspended" },
            ["lifecycle"] = Maybe(() => new JsonObject { ["Rules"] = List(1, 3, Rules()), ["TransitionDefaultMinimumObjectSize"] = Coin() ? "all_storage_classes_128K" : "varies_by_storage_class" }),
            ["tagging"] = Maybe(() => new JsonObject { ["TagSet"] = Tags(1) }),
            ["cors"] = Maybe(() => new JsonObject { ["CORSRules"] = List(1, 3, Cors) }),
            ["ownershipControls"] = takesAcls ? Rules(Coin() ? "ObjectWriter" : "BucketOwnerPreferred") : Maybe(static () => Rules("BucketOwnerEnforced")),
            ["publicAccessBlock"] = Maybe(() => new JsonObject { ["BlockPublicAcls"] = Coin(), ["IgnorePublicAcls"] = Coin(), ["BlockPublicPolicy"] = Coin(), ["RestrictPublicBuckets"] = Coin() }),
            ["acl"] = takesAcls ? Maybe(() => new JsonObject { ["Owner"] = new JsonObject { ["ID"] = SettingsCli.Owner }, ["Grants"] = Distinct(List(1, 4, Grant)) }) : null,
            ["logging"] = Maybe(() => new JsonObject { ["LoggingEnabled"] = Logging(bucket) }),
            ["policy"] = Maybe(() => Policy(bucket)),
        };
    }

    private static JsonObject Rules(string ownership) => new() { ["Rules"] = new JsonArray(new JsonObject { ["ObjectOwnership"] = ownership }) };

    // Rules with a filter and rules without one exclude each other.
    private Func<int, JsonNode> Rules()
    {
        bool hasFilters = Coin();
        return number => Rule(number, hasFilters);
    }

    private JsonObject Rule(int number, bool hasFilter)
    {
        var rule = new JsonObject { ["ID"] = $"rule {number} {Text()}", ["Status"] = Coin() ? "Enabled" : "Disabled" };
        switch (hasFilter ? random.Next(1, 5) : 0)
        {
            case 0:
                rule["Prefix"] = Text();
                break;
            case 1:
                rule["Filter"] = new JsonObject();
                break;
            case 2:
                rule["Filter"] = new JsonObject { ["Prefix"] = Text() };
                break;
            case 3:
                rule["Filter"] = new JsonObject { ["Tag"] = Tag(1) };
                break;
            default:
                rule["Filter"] = new JsonObject { ["And"] = new JsonObject { ["Prefix"] = Text(), ["Tags"] = Tags(1), ["ObjectSizeGreaterThan"] = 5 } };
                break;
        }

        switch (random.Next(3))
        {
            case 0:
                rule["Expiration"] = new JsonObject { ["Days"] = random.Next(1, 400) };
                break;
            case 1:
                rule["Expiration"] = new JsonObject { ["Date"] = "2030-01-02T00:00:00Z" };
                break;
            default:
                rule["NoncurrentVersionExpiration"] = new JsonObject { ["NoncurrentDays"] = random.Next(1, 400) };
                if (hasFilter)
                {
                    rule["NoncurrentVersionExpiration"]!["NewerNoncurrentVersions"] = random.Next(1, 100);
                }

                break;
        }

        return rule;
    }

    private JsonObject Cors(int number)
    {
        var rule = new JsonObject { ["AllowedMethods"] = new JsonArray("GET", "PUT"), ["AllowedOrigins"] = new JsonArray($"https://{number}.example", "*") };
        if (Coin())
        {
            rule["ID"] = $"cors {number}";
            rule["AllowedHeaders"] = new JsonArray("*");
            rule["ExposeHeaders"] = new JsonArray("ETag", "x-amz-meta-a");
            rule["MaxAgeSeconds"] = random.Next(10_000);
        }

        return rule;
    }

    private JsonObject Grant(int number) => new()
    {
        ["Grantee"] = random.Next(4) switch
        {
            0 => new JsonObject { ["Type"] = "Group", ["URI"] = "http://acs.amazonaws.com/groups/global/AllUsers" },
            1 => new JsonObject { ["Type"] = "Group", ["URI"] = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" },
            2 => new JsonObject { ["Type"] = "CanonicalUser", ["ID"] = SettingsCli.Owner },
            _ => new JsonObject { ["Type"] = "CanonicalUser", ["ID"] = SettingsCli.Other },
        },
        ["Permission"] = ((string[])["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"])[random.Next(5)],
    };

    private JsonObject Logging(string bucket)
    {
        var logging = new JsonObject { ["TargetBucket"] = bucket, ["TargetPrefix"] = $"logs/{random.Next(9)}/" };
        // SimplePrefix is S3's default, which is not written.
        if (Coin() && !Coin())
        {
            logging["TargetObjectKeyFormat"] = new JsonObject { ["PartitionedPrefix"] = new JsonObject { ["PartitionDateSource"] = Coin() ? "EventTime" : "DeliveryTime" } };
        }

        return logging;
    }

    private JsonObject Policy(string bucket) => new()
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = List(1, 3, number => new JsonObject
        {
            ["Sid"] = $"S{number}",
            ["Effect"] = Coin() ? "Allow" : "Deny",
            ["Principal"] = Coin() ? "*" : new JsonObject { ["AWS"] = "arn:aws:iam::globex:root" },
            ["Action"] = Coin() ? "s3:GetObject" : new JsonArray("s3:GetObject", "s3:PutObject"),
            ["Resource"] = $"arn:aws:s3:::{bucket}/{random.Next(9)}<ü>/*",
        }),
    };

    private JsonArray Tags(int least) => List(least, 3, Tag);

    private JsonObject Tag(int number) => new() { ["Key"] = $"key {number}", ["Value"] = ((string[])["", "v", "ü x", "a+b=c"])[random.Next(4)] };

    private static JsonArray Distinct(JsonArray items) => [.. items.DistinctBy(static item => item!.ToJsonString()).Select(static item => item!.DeepClone())];

    private JsonArray List(int least, int most, Func<int, JsonNode> item) => [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(item)];

    private JsonNode? Maybe(Func<JsonNode> value) => random.Next(3) == 0 ? null : value();

    private string Text() => Texts[random.Next(Texts.Length)];

    private bool Coin() => random.Next(2) == 0;
}
