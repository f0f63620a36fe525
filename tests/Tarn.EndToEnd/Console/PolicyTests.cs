using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Policies are written, refused where they are wrong, and explained; what is public is said in one place.</summary>
public sealed class PolicyTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    /// <param name="text">A policy that is none.</param>
    /// <param name="problem">What is said about it, and where.</param>
    [Theory]
    [InlineData("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n}", "This is not JSON")]
    [InlineData("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Effect\": \"Maybe\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::BUCKET/*\"\n  }\n}", "Line 4:")]
    [InlineData("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Effect\": \"Allow\", \"Principal\": \"*\",\n    \"Action\": \"s3:GetObject\",\n    \"Resource\": \"arn:aws:s3:::another/*\"\n  }\n}", "Line 6:")]
    public async Task A_policy_that_is_none_is_refused_with_its_place(string text, string problem)
    {
        string bucket = await NewBucketAsync();
        ConsolePage page = await OpenAsync(bucket);
        await page.Field("Policy").FillAsync(text.Replace("BUCKET", bucket, StringComparison.Ordinal));
        await Expect(page.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = problem })).ToBeVisibleAsync();

        // Saved all the same, it is the server that refuses it, and nothing is stored.
        await SaveAsync(page);
        if (text.Contains("\"*\"", StringComparison.Ordinal) && text.Contains("Allow", StringComparison.Ordinal))
        {
            await page.AnswerAsync("Make it public");
        }

        await page.ExpectAsync("The policy was refused");
        Assert.False(await HasPolicyAsync(bucket));
    }

    [Fact]
    public async Task A_ready_policy_lets_a_user_read_and_what_it_does_not_allow_is_explained()
    {
        string bucket = await NewBucketAsync("team");
        await PutAsync(bucket, "plan.txt", "the plan");
        AmazonS3Client reader = Stage.ClientOf(Stage.KeyOf(Who.Reader));
        await Assert.ThrowsAsync<AmazonS3Exception>(() => reader.GetObjectAsync(bucket, "plan.txt", Cancel));

        ConsolePage page = await OpenAsync(bucket);
        await page.ChooseAsync("Ready policies are for", "reader");
        await page.Button("Ready policies").ClickAsync();
        await page.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Read only" }).ClickAsync();
        await Expect(page.Field("Policy")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("user/reader"));
        await SaveAsync(page);
        await page.ExpectAsync("Saved.");
        Assert.Equal(HttpStatusCode.OK, (await reader.GetObjectAsync(bucket, "plan.txt", Cancel)).HttpStatusCode);

        // What would be decided, before anybody asks.
        await page.Field("Who").FillAsync("root/reader");
        await page.ChooseAsync("Does", "s3:PutObject");
        await page.Field("With the key").FillAsync("plan.txt");
        await page.Button("Ask").ClickAsync();
        await Expect(page.Section("Explain")).ToContainTextAsync("Denied");
        await page.ChooseAsync("Does", "s3:GetObject");
        await page.Button("Ask").ClickAsync();
        await Expect(page.Section("Explain")).ToContainTextAsync("Allowed");
        await Expect(page.Section("Explain")).ToContainTextAsync("The bucket policy");

        // The user is refused in the console, and one click says why.
        ConsolePage readers = await SignedInAsync(Who.Reader);
        await readers.OpenAsync($"/buckets/{bucket}", bucket);
        await readers.Files.ExpectAsync("plan.txt");
        await readers.Button("New folder").ClickAsync();
        await readers.Field("Name").FillAsync("mine");
        await readers.Button("Create").ClickAsync();
        await Expect(readers.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("Your key may not do this.");
        await readers.Dialog.GetByRole(AriaRole.Button, new() { Name = "Why was this denied?" }).ClickAsync();
        await Expect(readers.Heading("PutObject 403")).ToBeVisibleAsync();
        await Expect(readers.Section("Why it was denied")).ToContainTextAsync("Nothing allows it");
    }

    [Fact]
    public async Task What_opens_a_bucket_to_everyone_is_asked_about_said_and_closed_in_one_place()
    {
        string bucket = await NewBucketAsync();
        await PutAsync(bucket, "page.txt", "for everyone");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var address = new Uri(Stage.Server.Endpoint.S3, $"{bucket}/page.txt");
        ConsolePage page = await OpenAsync(bucket);
        await page.Button("Ready policies").ClickAsync();
        await page.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Public read" }).ClickAsync();
        await page.ExpectAsync("This lets everyone in, without signing in.");
        await SaveAsync(page);
        await Expect(page.Dialog).ToContainTextAsync("Open it to everyone?");
        await page.AnswerAsync("Cancel");
        Assert.False(await HasPolicyAsync(bucket));
        await SaveAsync(page);
        await page.AnswerAsync("Make it public");
        await page.ExpectAsync("This bucket is public");
        Assert.Equal("for everyone", await http.GetStringAsync(address, Cancel));

        await page.Button("Block public access now").ClickAsync();
        await page.ExpectAsync("Public access is blocked");
        using HttpResponseMessage closed = await http.GetAsync(address, Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, closed.StatusCode);
        PublicAccessBlockConfiguration block = (await S3.GetPublicAccessBlockAsync(new() { BucketName = bucket }, Cancel)).PublicAccessBlockConfiguration;
        Assert.Equal((true, true, true, true), (block.BlockPublicAcls, block.BlockPublicPolicy, block.IgnorePublicAcls, block.RestrictPublicBuckets));

        await page.Button("Remove the policy").ClickAsync();
        await page.AnswerAsync("Remove");
        await page.ExpectAsync("Saved.");
        Assert.False(await HasPolicyAsync(bucket));
    }

    private async Task<ConsolePage> OpenAsync(string bucket)
    {
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync($"/buckets/{bucket}/settings/access", bucket);
        await Expect(page.Field("Policy")).ToBeVisibleAsync();
        return page;
    }

    private static Task SaveAsync(ConsolePage page) => page.Section("Policy").GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

    private async Task<bool> HasPolicyAsync(string bucket)
    {
        try
        {
            return (await S3.GetBucketPolicyAsync(bucket, Cancel)).HttpStatusCode == HttpStatusCode.OK;
        }
        catch (AmazonS3Exception error) when (error.ErrorCode == "NoSuchBucketPolicy")
        {
            return false;
        }
    }
}
