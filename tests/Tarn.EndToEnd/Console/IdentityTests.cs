using Amazon.S3;
using Microsoft.Playwright;
using Tarn.EndToEnd.Console.Harness;
using Tarn.EndToEnd.Harness;
using static Microsoft.Playwright.Assertions;

namespace Tarn.EndToEnd.Console;

/// <summary>Users, groups, keys, tokens and policies of an organization; what is secret is shown once.</summary>
public sealed class IdentityTests(Stage stage, ConsoleStage console) : Journey(stage, console)
{
    [Fact]
    public async Task A_user_of_a_group_reads_by_a_policy_of_the_organization_until_deleted()
    {
        using AmazonS3Client acme = Stage.ClientOf(Stage.KeyOf(Who.OrganizationRoot));
        string bucket = NewName("acme");
        await acme.PutBucketAsync(bucket, Cancel);
        await acme.PutObjectAsync(new() { BucketName = bucket, Key = "plan.txt", ContentBody = "the plan" }, Cancel);
        string name = NewName("ada");
        ConsolePage page = await SignedInAsync(Who.OrganizationRoot);
        await page.OpenAsync("/identity/acme/users", "acme");
        await page.Button("New user").First.ClickAsync();
        await page.Field("Name").FillAsync(name);
        ILocator groups = page.Dialog.GetByLabel("Groups").First;
        await groups.FillAsync("engineering");
        await groups.PressAsync("Enter");
        await page.Button("Create").ClickAsync();
        Credentials key = await page.KeyOnceAsync();
        await Expect(page.Row(name)).ToContainTextAsync("engineering");

        using AmazonS3Client ada = Stage.ClientOf(key);
        await Assert.ThrowsAsync<AmazonS3Exception>(() => ada.GetObjectAsync(bucket, "plan.txt", Cancel));
        await page.Link("Policies").ClickAsync();
        await page.Button("New policy").First.ClickAsync();
        await page.Field("Name").FillAsync(name);
        ILocator document = page.Field("Policy");
        await document.FillAsync((await document.InputValueAsync()).Replace("BUCKET", bucket, StringComparison.Ordinal).Replace("user/NAME", "group/engineering", StringComparison.Ordinal));
        await page.AnswerAsync("Save");
        await Expect(page.Row(name)).ToBeVisibleAsync();
        using (await ada.GetObjectAsync(bucket, "plan.txt", Cancel))
        {
        }

        await page.Link("Users and groups").ClickAsync();
        await page.MenuAsync($"Actions for {name}", "Delete…");
        await page.AnswerAsync("Delete", name);
        await Expect(page.Row(name)).ToHaveCountAsync(0);
        await Assert.ThrowsAsync<AmazonS3Exception>(() => ada.GetObjectAsync(bucket, "plan.txt", Cancel));
    }

    [Fact]
    public async Task A_key_is_made_gets_a_new_secret_and_is_revoked()
    {
        string bucket = await NewBucketAsync();
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/keys", "Your keys");
        await page.Button("New key").First.ClickAsync();
        await page.Button("Create").ClickAsync();
        Credentials first = await page.KeyOnceAsync();
        using AmazonS3Client old = Stage.ClientOf(first);
        await old.ListObjectsV2Async(new() { BucketName = bucket }, Cancel);
        await page.MenuAsync($"Actions for {first.AccessKey}", "New secret…");
        await page.Button("New secret").ClickAsync();
        Credentials second = await page.KeyOnceAsync();
        Assert.Equal(first.AccessKey, second.AccessKey);
        await Assert.ThrowsAsync<AmazonS3Exception>(() => old.ListObjectsV2Async(new() { BucketName = bucket }, Cancel));
        using AmazonS3Client anew = Stage.ClientOf(second);
        await anew.ListObjectsV2Async(new() { BucketName = bucket }, Cancel);
        await page.MenuAsync($"Actions for {first.AccessKey}", "Revoke…");
        await page.AnswerAsync("Revoke");
        await Expect(page.Row(first.AccessKey)).ToHaveCountAsync(0);
        await Assert.ThrowsAsync<AmazonS3Exception>(() => anew.ListObjectsV2Async(new() { BucketName = bucket }, Cancel));
    }

    [Fact]
    public async Task A_token_is_shown_once_and_signs_in_until_it_is_revoked()
    {
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/keys", "Your keys");
        string name = NewName("token");
        await page.Button("New token").First.ClickAsync();
        await page.Field("Name").FillAsync(name);
        await page.Button("Create").ClickAsync();
        await Expect(page.Dialog).ToContainTextAsync("This is shown once.");
        string token = await page.Dialog.GetByText("key-").InnerTextAsync();
        await page.StoredAsync();
        ConsolePage other = await VisitAsync();
        await other.GoToAsync("/jobs");
        await other.SignInWithTokenAsync(token);
        await Expect(other.Heading("Jobs")).ToBeVisibleAsync();
        await page.Row(name).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await page.AnswerAsync("Revoke");
        await other.Places.GetByRole(AriaRole.Link, new() { Name = "Buckets" }).ClickAsync();
        await other.ExpectAsync("Your session has ended.");
    }

    [Fact]
    public async Task An_organization_is_made_and_its_root_user_signs_in()
    {
        string name = NewName("northwind");
        ConsolePage page = await SignedInAsync();
        await page.OpenAsync("/identity", "Identity");
        await page.Button("New organization").ClickAsync();
        await page.Field("Name").FillAsync(name);
        await page.Button("Create").ClickAsync();
        Credentials key = await page.KeyOnceAsync();
        ConsolePage other = await VisitAsync();
        await other.GoToAsync("/identity");
        await other.SignInAsync(key);
        await Expect(other.Heading(name)).ToBeVisibleAsync();
        await page.Link(name).ClickAsync();
        await page.Link("About").ClickAsync();
        await page.Button("Delete the organization").ClickAsync();
        await page.AnswerAsync("Delete", name);
        await Expect(page.Heading("Identity")).ToBeVisibleAsync();
        await other.Places.GetByRole(AriaRole.Link, new() { Name = "Buckets" }).ClickAsync();
        await other.ExpectAsync("Your session has ended.");
    }
}
