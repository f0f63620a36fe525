using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Lifecycle;
using Tarn.S3.Documents;
using Tarn.S3.Wire;
using Tarn.TestKit.Stores;

namespace Tarn.Tests.Wire;

public class LifecycleXmlTests
{
    private const string Days = "<Expiration><Days>1</Days></Expiration>";

    /// <summary>Each form of filter and each action comes back as it was put.</summary>
    [Theory]
    [InlineData("<Filter></Filter>", Days)]
    [InlineData("<Filter><Prefix></Prefix></Filter>", Days)]
    [InlineData("<Filter><Prefix>a&lt;é</Prefix></Filter>", Days)]
    [InlineData("<Prefix>a</Prefix>", Days)]
    [InlineData("<Filter><Tag><Key>k</Key><Value></Value></Tag></Filter>", Days)]
    [InlineData("<Filter><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></Filter>", Days)]
    [InlineData("<Filter><ObjectSizeLessThan>1</ObjectSizeLessThan></Filter>", Days)]
    [InlineData("<Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>6</ObjectSizeLessThan></And></Filter>", Days)]
    [InlineData("<Filter></Filter>", "<Expiration><Date>2030-01-02T00:00:00.000Z</Date></Expiration>")]
    [InlineData("<Filter></Filter>", "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>")]
    [InlineData("<Filter></Filter>", "<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>")]
    [InlineData("<Filter></Filter>", "<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays><NewerNoncurrentVersions>100</NewerNoncurrentVersions></NoncurrentVersionExpiration>")]
    [InlineData("<Filter></Filter>", "<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration>")]
    [InlineData("<Filter></Filter>", "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>")]
    public void Writes_what_it_read(string filter, string action)
    {
        foreach (string status in new[] { "Enabled", "Disabled" })
        {
            string rule = $"<Rule><ID>x</ID>{filter}<Status>{status}</Status>{action}</Rule>";
            LifecycleConfiguration read = Read(rule);
            Assert.Equal(
                $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rule}</LifecycleConfiguration>",
                Write(LifecycleConfiguration.Decode(read.Encode())));
        }
    }

    [Fact]
    public void Rules_without_ids_get_different_ones()
    {
        LifecycleConfiguration read = Read($"<Rule><Filter/><Status>Enabled</Status>{Days}</Rule><Rule><ID/><Filter/><Status>Enabled</Status>{Days}</Rule>");
        Assert.Equal(48, read.Rules[0].Id.Length);
        Assert.NotEqual(read.Rules[0].Id, read.Rules[1].Id);
    }

    [Theory]
    [InlineData("2030-01-02", 2)]
    [InlineData("2030-01-02T00:00:00Z", 2)]
    [InlineData("2030-01-02T02:00:00+02:00", 2)]
    public void Dates(string text, int day) => Assert.Equal(
        new DateTimeOffset(2030, 1, day, 0, 0, 0, TimeSpan.Zero),
        Read(Rule($"<Expiration><Date>{text}</Date></Expiration>")).Rules[0].Expiration!.Date);

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("<Other/>", "MalformedXML")]
    [InlineData("<Rule><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Status>enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Filter/><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status><Unknown/>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter><Prefix>a</Prefix><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter><And><Prefix>a</Prefix></And></Filter><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter><And><Prefix>a</Prefix><And/></And></Filter><Status>Enabled</Status>" + Days + "</Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Prefix/><Status>Enabled</Status>" + Days + "</Rule>", "InvalidRequest")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status></Rule>", "InvalidRequest", "At least one action needs to be specified in a rule")]
    public void Structure(string rules, string code, string? message = null) => Refused(rules, code, message);

    [Theory]
    [InlineData("<Expiration/>", "MalformedXML")]
    [InlineData("<Expiration><Days>x</Days></Expiration>", "MalformedXML")]
    [InlineData("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", "MalformedXML")]
    [InlineData("<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>", "MalformedXML")]
    [InlineData("<Expiration><Date>tomorrow</Date></Expiration>", "MalformedXML")]
    [InlineData("<Expiration><Days>0</Days></Expiration>", "InvalidArgument", "'Days' for Expiration action must be a positive integer")]
    [InlineData("<Expiration><Days>-1</Days></Expiration>", "InvalidArgument", "'Days' for Expiration action must be a positive integer")]
    [InlineData("<Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration>", "InvalidArgument", "'Date' must be at midnight GMT")]
    [InlineData("<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>", "InvalidArgument", "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer")]
    [InlineData("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>0</NewerNoncurrentVersions></NoncurrentVersionExpiration>", "InvalidArgument")]
    [InlineData("<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>", "InvalidArgument")]
    [InlineData("<AbortIncompleteMultipartUpload/>", "MalformedXML")]
    [InlineData("<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidArgument", "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer")]
    [InlineData("<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>" + Days, "NotImplemented")]
    [InlineData("<NoncurrentVersionTransition/>" + Days, "NotImplemented")]
    public void Actions(string action, string code, string? message = null) => Refused(Rule(action), code, message);

    [Theory]
    [InlineData("<Tag><Key>k</Key><Value/></Tag>", "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags.")]
    [InlineData("<ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>", "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>", "InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Object Size.")]
    [InlineData("<Tag><Key>k</Key><Value/></Tag>", "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>", "InvalidRequest", "ExpiredObjectDeleteMarker cannot be specified with Tags.")]
    [InlineData("<Tag><Key/><Value/></Tag>", Days, "InvalidTag")]
    [InlineData("<ObjectSizeLessThan>0</ObjectSizeLessThan>", Days, "InvalidRequest", "'ObjectSizeLessThan' should be between 1 and 99511627776000.")]
    [InlineData("<ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan>", Days, "InvalidRequest")]
    [InlineData("<And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And>", Days, "InvalidRequest")]
    [InlineData("<And><Tag><Key>k</Key><Value>1</Value></Tag><Tag><Key>k</Key><Value>2</Value></Tag></And>", Days, "InvalidRequest", "Duplicate Tag Keys are not allowed.")]
    public void Filters(string filter, string action, string code, string? message = null) =>
        Refused($"<Rule><ID>x</ID><Filter>{filter}</Filter><Status>Enabled</Status>{action}</Rule>", code, message);

    [Fact]
    public void Rules_together()
    {
        string One(string id, string filter = "<Filter/>") => $"<Rule><ID>{id}</ID>{filter}<Status>Enabled</Status>{Days}</Rule>";
        Refused(One("a") + One("a"), "InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule");
        Refused(One("a") + One("b", "<Prefix/>"), "InvalidRequest", "Filter element can only be used in Lifecycle V2.");
        Refused(One(new string('i', 256)), "InvalidArgument", "ID length should not exceed allowed limit of 255");
        Refused(One("a", $"<Filter><Prefix>{new string('p', 1025)}</Prefix></Filter>"), "InvalidRequest");
        Refused(
            "<Rule><Prefix/><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>",
            "InvalidRequest");
        string thousand = string.Concat(Enumerable.Range(0, 1000).Select(i => One($"{i}")));
        Assert.Equal(1000, Read(thousand).Rules.Count);
        Refused(thousand + One("more"), "InvalidRequest");
    }

    [Fact]
    public void Minimum_header()
    {
        foreach (string name in new[] { "all_storage_classes_128K", "varies_by_storage_class" })
        {
            var answer = new HeaderDictionary();
            TransitionMinimumHeader.Write(answer, TransitionMinimumHeader.Read(new HeaderDictionary { [TransitionMinimumHeader.Name] = name }));
            Assert.Equal(name, answer[TransitionMinimumHeader.Name]);
        }

        Assert.Equal(TransitionMinimum.AllStorageClasses128K, TransitionMinimumHeader.Read(new HeaderDictionary()));
        Assert.Throws<S3Exception>(() => TransitionMinimumHeader.Read(new HeaderDictionary { [TransitionMinimumHeader.Name] = "x" }));
    }

    private static string Rule(string actions) => $"<Rule><ID>x</ID><Filter/><Status>Enabled</Status>{actions}</Rule>";

    private static void Refused(string rules, string code, string? message = null)
    {
        S3Exception refusal = Assert.Throws<S3Exception>(() => Read(rules));
        Assert.Equal(code, refusal.Error.Code);
        Assert.Equal(message ?? refusal.Message, refusal.Message);
    }

    private static LifecycleConfiguration Read(string rules) => LifecycleXml.Read(
        DocumentReader.Read(DocumentShapes.Lifecycle, Encoding.UTF8.GetBytes($"<LifecycleConfiguration>{rules}</LifecycleConfiguration>")),
        TransitionMinimum.AllStorageClasses128K,
        new SeededRandomSource(1));

    private static string Write(LifecycleConfiguration configuration)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new S3XmlWriter(output);
        LifecycleXmlWriter.Write(ref writer, configuration);
        writer.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
