using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Settings of a bucket: what is chosen in the console is what an S3 client then reads, and the other way round.</summary>
public sealed class SettingsTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task A_lifecycle_rule_is_written_in_a_form_and_its_effect_is_shown_before()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "logs/one.log", "one");
        await PutAsync(bucket, "logs/two.log", "two");
        await PutAsync(bucket, "kept.txt", "kept");
        ConsolePage page = await OpenAsync(bucket, "lifecycle");
        await page.ExpectAsync("Nothing is removed by itself");
        await page.Button("New rule").ClickAsync();
        await page.ExpectAsync("Say what the rule removes.");
        await page.Field("Name").FillAsync("old logs");
        await page.Field("Names that begin with").FillAsync("logs/");
        await page.Dialog.GetByText("On a date", new() { Exact = true }).ClickAsync();
        await page.ExpectAsync("Choose the day on which objects expire.");
        await page.Page.GetByLabel("Date on which objects expire").FillAsync("2020-01-01");

        // About everything, and due: it is not saved by a slip.
        await page.Field("Names that begin with").FillAsync("");
        await page.ExpectAsync("The rule is about everything in the bucket");
        await Expect(page.Button("Save")).ToBeDisabledAsync();
        await page.Button("Preview what it would remove").ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Status)).ToContainTextAsync("3 versions and objects");
        await Expect(page.Button("Save")).ToBeEnabledAsync();
        await page.Field("Names that begin with").FillAsync("logs/");
        await page.Button("Preview what it would remove").ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Status)).ToContainTextAsync("2 versions and objects");
        await Expect(page.Dialog.GetByRole(AriaRole.Status)).ToContainTextAsync("logs/one.log");
        await page.Dialog.GetByText("After days", new() { Exact = true }).ClickAsync();
        await page.Field("Days until objects expire").FillAsync("45");
        await page.ToggleAsync("End unfinished uploads after");

        // Empty while one types it is still on, and said to be wrong.
        await page.Field("Days until unfinished uploads end").FillAsync("");
        await page.ExpectAsync("Days are whole numbers from 1.");
        await Expect(page.Button("Save")).ToBeDisabledAsync();
        await page.Field("Days until unfinished uploads end").FillAsync("7");
        await page.Button("Preview what it would remove").ClickAsync();
        await Expect(page.Dialog.GetByRole(AriaRole.Status)).ToContainTextAsync("It would remove nothing now.");
        await page.AnswerAsync("Save");
        await page.ExpectAsync("objects expire after 45 days; unfinished uploads end after 7 days");
        LifecycleRule rule = Assert.Single((await S3.GetLifecycleConfigurationAsync(bucket, Cancel)).Configuration.Rules);
        Assert.Equal(("old logs", 45, 7), (rule.Id, rule.Expiration.Days, rule.AbortIncompleteMultipartUpload.DaysAfterInitiation));
        Assert.Equal("logs/", Assert.IsType<LifecyclePrefixPredicate>(rule.Filter.LifecycleFilterPredicate).Prefix);

        // Changed, and removed.
        await page.Button("Edit").ClickAsync();
        await page.ToggleAsync("The rule is on");
        await page.AnswerAsync("Save");
        await Expect(page.Main.GetByText("off", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Equal(LifecycleRuleStatus.Disabled, Assert.Single((await S3.GetLifecycleConfigurationAsync(bucket, Cancel)).Configuration.Rules).Status);
        await page.Button("Remove").ClickAsync();
        await page.AnswerAsync("Remove");
        await page.ExpectAsync("Nothing is removed by itself");
        Assert.Empty((await S3.GetLifecycleConfigurationAsync(bucket, Cancel)).Configuration?.Rules ?? []);
    }

    [Fact]
    public async Task A_rule_for_web_pages_is_written()
    {
        string bucket = await NewBucketAsync();
        ConsolePage page = await OpenAsync(bucket, "cors");
        await page.ExpectAsync("No page of another site may use it");
        await page.Button("New rule").ClickAsync();
        ILocator sites = page.Page.GetByLabel("Sites").First;
        await sites.FillAsync("https://app.example.com");
        await sites.PressAsync("Enter");
        await page.Dialog.GetByRole(AriaRole.Checkbox, new() { Name = "PUT" }).CheckAsync();
        await page.AnswerAsync("Save");
        await page.ExpectAsync("https://app.example.com");
        CORSRule rule = Assert.Single((await S3.GetCORSConfigurationAsync(bucket, Cancel)).Configuration.Rules);
        Assert.Equal(["https://app.example.com"], rule.AllowedOrigins);
        Assert.Equal(["GET", "HEAD", "PUT"], rule.AllowedMethods);
        await page.Button("Remove").ClickAsync();
        await page.AnswerAsync("Remove");
        await page.ExpectAsync("No page of another site may use it");
    }

    [Fact]
    public async Task Who_owns_objects_is_chosen()
    {
        string bucket = await NewBucketAsync();
        ConsolePage page = await OpenAsync(bucket, "ownership");
        await Expect(page.Page.GetByRole(AriaRole.Radio, new() { Name = "The bucket's owner owns everything" })).ToBeCheckedAsync();
        await page.ToggleAsync("Whoever writes an object owns it");
        await page.ExpectAsync("Saved.");
        Assert.Equal(ObjectOwnership.ObjectWriter, Assert.Single((await S3.GetBucketOwnershipControlsAsync(new() { BucketName = bucket }, Cancel)).OwnershipControls.Rules).ObjectOwnership);
    }

    [Fact]
    public async Task Requests_are_logged_to_another_bucket()
    {
        string bucket = await NewBucketAsync();
        string target = await NewBucketAsync("logs");
        await S3.PutBucketPolicyAsync(
            target,
            $$$"""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::{{{target}}}/*"}}""",
            Cancel);
        ConsolePage page = await OpenAsync(bucket, "logging");
        await page.ChooseAsync("To bucket", target);
        await page.Field("Prefix of the objects").FillAsync("access/");
        await page.Button("Save").ClickAsync();
        await Expect(page.Section("Access logging")).ToContainTextAsync($"On: to {target} under access/");
        S3BucketLoggingConfig logging = (await S3.GetBucketLoggingAsync(bucket, Cancel)).BucketLoggingConfig;
        Assert.Equal((target, "access/"), (logging.TargetBucketName, logging.TargetPrefix));
        await page.Button("Turn off").ClickAsync();
        await Expect(page.Section("Access logging")).ToContainTextAsync("Off.");
        Assert.Null((await S3.GetBucketLoggingAsync(bucket, Cancel)).BucketLoggingConfig?.TargetBucketName);
    }

    [Fact]
    public async Task Tags_and_versions_are_what_a_client_reads()
    {
        string bucket = await NewBucketAsync();
        ConsolePage page = await OpenAsync(bucket, "tags");
        await page.Button("Edit").ClickAsync();
        await page.Dialog.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await page.Field("Key 1").FillAsync("team");
        await page.Field("Value 1").FillAsync("storage");
        await page.AnswerAsync("Save");
        await page.ExpectAsync("team: storage");
        Tag tag = Assert.Single((await S3.GetBucketTaggingAsync(new() { BucketName = bucket }, Cancel)).TagSet);
        Assert.Equal(("team", "storage"), (tag.Key, tag.Value));

        await page.Link("Versions").ClickAsync();
        await page.ToggleAsync("Versions are not kept");
        await Expect(page.Text("Versions are kept")).ToBeVisibleAsync();
        Assert.Equal(VersionStatus.Enabled, (await S3.GetBucketVersioningAsync(bucket, Cancel)).VersioningConfig.Status);
        await page.ToggleAsync("Versions are kept");
        await page.AnswerAsync("Suspend");
        await page.ExpectAsync("Suspended: old versions stay");
        Assert.Equal(VersionStatus.Suspended, (await S3.GetBucketVersioningAsync(bucket, Cancel)).VersioningConfig.Status);
    }

    [Fact]
    public async Task What_a_bucket_holds_is_counted()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "one", new string('x', 2048));
        await PutAsync(bucket, "two", new string('x', 1024));
        await S3.InitiateMultipartUploadAsync(bucket, "unfinished", Cancel);
        ConsolePage page = await OpenAsync(bucket, "overview");
        await Expect(page.Fact("Objects")).ToHaveTextAsync("2");
        await Expect(page.Fact("Size")).ToHaveTextAsync("3.0 KiB");
        await Expect(page.Fact("Unfinished uploads")).ToContainTextAsync("1");
        await page.OpenAsync("/buckets", "Buckets");
        await Expect(page.Row(bucket)).ToContainTextAsync("3.0 KiB");
    }

    private async Task<ConsolePage> OpenAsync(string bucket, string section)
    {
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/settings/{section}", bucket);
        return page;
    }
}
