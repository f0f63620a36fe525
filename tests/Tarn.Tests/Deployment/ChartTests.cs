using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Tarn.Core.Acceleration;
using Tarn.Server.Configuration;
using Tarn.TestKit.Servers;
using Tarn.Tests.Cli.Doctor;
using Tarn.Tests.Docs;

namespace Tarn.Tests.Deployment;

/// <summary>The Helm chart over its values: what it renders is read as Kubernetes' types, strictly, and fits together. No test has a cluster.</summary>
public sealed class ChartTests
{
    private const string Manifests = "deploy/kubernetes/tarn.yaml";

    private const string Accelerated = "enabled: true, tokenSecret: token";

    private static readonly string[] Variants =
    [
        "{}",
        "rootCredentials: { existingSecret: root }",
        "masterKey: { existingSecret: master }",
        "tls: { existingSecret: certificate }",
        "env: [{ name: TARN_LOG_LEVEL, value: debug }, { name: TARN_TLS_PASSWORD, valueFrom: { secretKeyRef: { name: certificate, key: password } } }]",
        "image: { repository: registry.example.com/other, tag: '1.0', pullPolicy: Always }\nimagePullSecrets: [{ name: registry }]",
        "persistence: { size: 2Ti, storageClass: fast, accessMode: ReadWriteOncePod }",
        "service: { type: LoadBalancer, annotations: { example.com/address: internal } }",
        "ingress: { enabled: true, className: nginx, annotations: { nginx.ingress.kubernetes.io/proxy-body-size: '0' }, tlsSecret: s3 }",
        "ingress: { enabled: true, host: objects.example.com }",
        "networkPolicy: { enabled: true }",
        "networkPolicy: { enabled: true, controlFrom: [{ namespaceSelector: { matchLabels: { name: monitoring } } }] }",
        "resources: { requests: { cpu: '2' }, limits: { memory: 4Gi } }\npodAnnotations: { prometheus.io/scrape: 'true' }",
        "resources: null",
        "nodeSelector: { disk: nvme }\ntolerations: [{ key: storage, operator: Exists, effect: NoSchedule }]",
        $"accelerator: {{ {Accelerated}, insecure: true }}",
        $"tls: {{ existingSecret: certificate }}\naccelerator: {{ {Accelerated}, caSecret: authority, zone: rack-7, peers: false, cache: {{ hostPath: /nvme/tarn, size: 2TiB }} }}",
        $"accelerator: {{ {Accelerated}, upstream: 'https://tarn.example.com:9100', env: [{{ name: TARN_DOMAIN, value: s3.example.com }}], resources: null }}",
        $"accelerator: {{ {Accelerated}, insecure: true, podAnnotations: {{ prometheus.io/scrape: 'true' }}, nodeSelector: {{ gpu: 'true' }}, tolerations: [{{ key: gpu, operator: Exists }}], affinity: {{ nodeAffinity: {{}} }} }}",
        "affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: disk, operator: In, values: [nvme] }] }] } } }",
    ];

    /// <summary>Each variant alone, and all pairs of them.</summary>
    public static TheoryData<string> Values =>
        [.. Variants, .. Variants[1..].SelectMany((first, at) => Variants[(at + 2)..].Where(second => !Keys(first).Intersect(Keys(second)).Any()).Select(second => $"{first}\n{second}"))];

    [Theory]
    [MemberData(nameof(Values))]
    public void What_it_renders_is_valid_and_fits_together(string values)
    {
        object[] all = [.. Chart.Render("objects", values).Select(Parse)];
        Assert.All(all.Cast<IMetadata<V1ObjectMeta>>(), one => Assert.StartsWith("objects", one.Metadata.Name, StringComparison.Ordinal));
        Assert.Equal(all.Length, all.Cast<IMetadata<V1ObjectMeta>>().Select(one => (one.GetType(), one.Metadata.Name)).Distinct().Count());
        var set = all.OfType<V1StatefulSet>().Single();
        List<(V1LabelSelector Selector, V1PodTemplateSpec Pod)> workloads = [(set.Spec.Selector, set.Spec.Template), .. all.OfType<V1DaemonSet>().Select(each => (each.Spec.Selector, each.Spec.Template))];
        string account = all.OfType<V1ServiceAccount>().Single().Metadata.Name;
        foreach ((V1LabelSelector selector, V1PodTemplateSpec template) in workloads)
        {
            Assert.Equal(selector.MatchLabels, template.Metadata.Labels);
            PodFits(template.Spec, template == set.Spec.Template ? set.Spec.VolumeClaimTemplates : [], account, template == set.Spec.Template ? Settings.All : AcceleratorSettings.All);
        }

        // Services reach pods, by ports that they have. What is not for clients is inside the cluster.
        V1Service[] services = [.. all.OfType<V1Service>()];
        Assert.Contains(services, service => service.Metadata.Name == set.Spec.ServiceName);
        Assert.All(services, service =>
        {
            V1Container container = workloads.Single(one => one.Pod.Metadata.Labels.SequenceEqual(service.Spec.Selector)).Pod.Spec.Containers.Single();
            Assert.Subset(container.Ports.Select(port => port.Name).ToHashSet(), service.Spec.Ports.Select(port => (string)port.TargetPort).ToHashSet());
        });
        Assert.All(services.Where(service => service.Spec.Ports.Any(port => port.Name != "s3")), service => Assert.Equal("ClusterIP", service.Spec.Type));
        Assert.All(all.OfType<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths),
            path => Assert.Contains(services, service => service.Metadata.Name == path.Backend.Service.Name && service.Spec.Ports.Any(port => port.Name == path.Backend.Service.Port.Name)));
        Assert.All(all.OfType<V1NetworkPolicy>(), policy => Assert.Equal(set.Spec.Template.Metadata.Labels, policy.Spec.PodSelector.MatchLabels));

        // A policy leaves no port of the server out but that of those who administer.
        Assert.All(all.OfType<V1NetworkPolicy>(), policy => Assert.Superset(
            set.Spec.Template.Spec.Containers.Single().Ports.Select(port => port.Name).Where(name => name != "control").ToHashSet(),
            policy.Spec.Ingress.Where(rule => rule.FromProperty is null).SelectMany(rule => rule.Ports).Select(port => (string)port.Port).ToHashSet()));
        Assert.DoesNotContain(all, one => one is V1Secret);
    }

    /// <summary>A pod has the volumes that it mounts, starts with settings that its command has, and runs as no one in particular, with nothing.</summary>
    private static void PodFits(V1PodSpec pod, IEnumerable<V1PersistentVolumeClaim> claims, string account, IReadOnlyList<Setting> settings)
    {
        V1Container container = pod.Containers.Single();
        string[] volumes = [.. (pod.Volumes ?? []).Select(volume => volume.Name), .. claims.Select(claim => claim.Metadata.Name)];
        Assert.Equal(volumes.Order(), container.VolumeMounts.Select(mount => mount.Name).Order());
        Assert.All(container.Env.Where(variable => variable.Value?.StartsWith("/etc/tarn/", StringComparison.Ordinal) is true || variable.Name == "TARN_CACHE"),
            variable => Assert.Contains(container.VolumeMounts, mount => variable.Value.StartsWith($"{mount.MountPath}/", StringComparison.Ordinal)));
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(account, pod.ServiceAccountName);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.All(container.Env.Where(variable => variable.Name.StartsWith("TARN_", StringComparison.Ordinal)), variable => Assert.Contains(settings, setting => setting.Variable == variable.Name));

        // A variable that another one names comes before it.
        Assert.All(container.Env.SelectMany(variable => Regex.Matches(variable.Value ?? "", @"\$\((\w+)\)").Select(match => (variable, match.Groups[1].Value))), one =>
            Assert.Contains(container.Env.TakeWhile(variable => variable != one.variable), variable => variable.Name == one.Value));

        // The control address has TLS where there is a certificate; metrics of an accelerator never have.
        string scheme = settings == Settings.All && container.Env.Any(variable => variable.Name == "TARN_TLS_CERT") ? "HTTPS" : "HTTP", port = settings == Settings.All ? "control" : "metrics";
        Assert.All((V1Probe[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe], probe => Assert.Equal((scheme, port), (probe.HttpGet.Scheme ?? "HTTP", (string)probe.HttpGet.Port)));
    }

    [Fact]
    public void What_the_accelerators_are_given_is_what_they_start_with()
    {
        AcceleratorOptions own = Options($"accelerator: {{ {Accelerated}, insecure: true }}");
        Assert.Equal(("http://objects-accelerators:9100/", "node-1", "default", "10.0.0.7:9003", "/var/cache/tarn/blocks", 100L << 30), (own.Upstream.AbsoluteUri, own.Name, own.Zone, own.PeerAddress, own.Cache, own.CacheSize));
        AcceleratorOptions other = Options($"accelerator: {{ {Accelerated}, upstream: 'https://tarn.example.com:9100', zone: rack-7, peers: false, cache: {{ size: 2TiB }} }}");
        Assert.Equal(("https://tarn.example.com:9100/", "rack-7", null, 2L << 40), (other.Upstream.AbsoluteUri, other.Zone, other.PeerAddress, other.CacheSize));

        // A node's name may be a DNS name of 253 characters, of which the last tell one from the other.
        string node = string.Concat(Enumerable.Repeat("node-of-a-cluster.", 14));
        string[] names = [.. new[] { node + "1", node + "2", node[..63], node[..64] }.Select(name => Options($"accelerator: {{ {Accelerated}, insecure: true }}", name).Name)];
        Assert.All(names, static name => Assert.True(AcceleratorNames.IsName(name)));
        Assert.Equal((4, node[..63], node[..54]), (names.Distinct().Count(), names[2], names[0][..54]));
        Assert.Equal(names[0], Options($"accelerator: {{ {Accelerated}, insecure: true }}", node + "1").Name);

        static AcceleratorOptions Options(string values, string node = "node-1")
        {
            var pod = Chart.Render("objects", values).Select(Parse).OfType<V1DaemonSet>().Single().Spec.Template.Spec.Containers.Single();
            Assert.Equal(["/usr/bin/tarn", "accelerate"], pod.Command);
            using var directory = new TemporaryDirectory("token");
            File.WriteAllText(directory.PathOf("token"), "token-of-tests");
            Examination.SetMode(directory.PathOf("token"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Dictionary<string, string> variables = pod.Env.ToDictionary(variable => variable.Name, variable => variable.Name switch
            {
                "NODE_NAME" => node,
                "POD_IP" => "10.0.0.7",
                "TARN_TOKEN_FILE" => directory.PathOf("token"),
                _ => variable.Value.Replace("$(NODE_NAME)", node, StringComparison.Ordinal).Replace("$(POD_IP)", "10.0.0.7", StringComparison.Ordinal),
            });
            return AcceleratorOptionsBinder.Bind(SettingValues.Collect(static _ => null, variables, AcceleratorSettings.All));
        }
    }

    [Theory]
    [InlineData("accelerator: { enabled: true, insecure: true }", "accelerator.tokenSecret")]
    [InlineData("accelerator: { enabled: true, tokenSecret: token }", "accelerator.insecure")]
    public void Accelerators_without_a_token_or_unasked_without_TLS_are_not_rendered(string values, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Chart.Render(changes: values)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_value_changes_what_is_rendered()
    {
        Assert.Equal(
            Chart.Defaults.Keys.Order(StringComparer.Ordinal),
            Chart.Templates.Values.SelectMany(template => Regex.Matches(template, @"\.Values\.(\w+)").Select(match => match.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal));
        string defaults = string.Concat(Chart.Render());
        Assert.All(Variants[1..], variant => Assert.NotEqual(defaults, string.Concat(Chart.Render(changes: variant))));
        Assert.NotEqual(defaults, string.Concat(Chart.Render(changes: "region: eu-central-1")));
    }

    [Fact]
    public void Without_the_name_of_an_image_nothing_is_rendered() =>
        Assert.Contains("image.repository", Assert.Throws<FormatException>(() => Chart.Render(changes: "image: { repository: '' }")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_plain_manifests_are_what_it_renders_by_default()
    {
        string rendered = string.Join("---\n", Chart.Render());
        string manifests = Path.Combine(Pages.Root, "artifacts", "tarn.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(manifests)!);
        string header = Pages.Read(Manifests).Split('\n')[0] + "\n";
        File.WriteAllText(manifests, header + rendered);
        Assert.True(header + rendered == Pages.Read(Manifests), $"{Manifests} is not what the chart renders: replace it with {manifests}, which is.");
    }

    [Fact]
    public void A_member_that_Kubernetes_does_not_have_is_found()
    {
        string service = Chart.Render().Single(document => document.Contains("-control\"\n  labels", StringComparison.Ordinal) && document.Contains("kind: Service\n", StringComparison.Ordinal));
        Parse(service);
        Assert.ThrowsAny<Exception>(() => Parse(service.Replace("targetPort", "target", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_charts_version_is_the_next_release() =>
        Assert.Contains($"<MinVerMinimumMajorMinor>{string.Join('.', ((string)Chart.About["appVersion"]!).Split('.')[..2])}</", Pages.Read("src/Tarn.Server/Tarn.Server.csproj"), StringComparison.Ordinal);

    [Theory]
    [InlineData("{{ .Values.region | upper }}")]
    [InlineData("{{ range .Values.env }}x{{ end }}")]
    [InlineData("{{ include \"a\" . }}")]
    [InlineData("{{ .Values.regoin }}")]
    [InlineData("{{ .Values.service }}")]
    [InlineData("{{ if .Values.region }}x")]
    [InlineData("{{ end }}")]
    [InlineData("{{ .Values.region .Values.region }}")]
    [InlineData("{{ .Values.region | default (quote \"a\") }}")]
    public void What_the_renderer_does_not_know_is_refused(string template) =>
        Assert.Throws<FormatException>(() => ChartTemplate.Render(template, new Dictionary<string, object?> { ["Values"] = Chart.Defaults }));

    [Theory]
    [InlineData("a {{ .Values.a }} b", "a text b")]
    [InlineData("a\n  {{- .Values.a }} b", "atext b")]
    [InlineData("a {{ .Values.a -}}\n b", "a textb")]
    [InlineData("{{ .Values.a | quote }}{{ .Values.q | quote }}", "\"text\"\"a\\\"b\"")]
    [InlineData("{{ .Values.none | default \"x\" }}{{ .Values.a | default \"x\" }}", "xtext")]
    [InlineData("{{ if .Values.none }}a{{ else }}b{{ end }}{{ if or .Values.none .Values.a }}c{{ end }}", "bc")]
    [InlineData("{{ .Values.off | quote }}", "\"false\"")]
    [InlineData("{{ if .Values.none }}{{ .Values.none | required \"none\" }}{{ end }}b", "b")]
    [InlineData("{{ if .Values.off }}a{{ end }}{{ if .Values.empty }}b{{ end }}{{ if .Values.map }}c{{ end }}", "c")]
    [InlineData("x:\n  {{- .Values.map | toYaml | nindent 2 }}", "x:\n  a: \"\"\n  b: []\n  c:\n  - 1\n  - d: e\n  - \"1\"")]
    public void The_renderer_does_what_Helm_does(string template, string rendered)
    {
        IReadOnlyDictionary<string, object?> values = ChartYaml.Read("{ a: text, q: 'a\"b', none: '', off: false, empty: [], map: { c: [1, { d: e }, '1'], b: [], a: '' } }");
        Assert.Equal(rendered, ChartTemplate.Render(template, new Dictionary<string, object?> { ["Values"] = values }));
    }

    private static object Parse(string document)
    {
        string kind = Regex.Match(document, "^apiVersion: (.*)\nkind: (.*)$", RegexOptions.Multiline) is { Success: true } match
            ? $"{match.Groups[1].Value} {match.Groups[2].Value}"
            : throw new FormatException($"no kind in\n{document}");
        return kind switch
        {
            "v1 Service" => Strictly<V1Service>(),
            "v1 ServiceAccount" => Strictly<V1ServiceAccount>(),
            "apps/v1 DaemonSet" => Strictly<V1DaemonSet>(),
            "apps/v1 StatefulSet" => Strictly<V1StatefulSet>(),
            "networking.k8s.io/v1 Ingress" => Strictly<V1Ingress>(),
            "networking.k8s.io/v1 NetworkPolicy" => Strictly<V1NetworkPolicy>(),
            _ => throw new FormatException($"The chart has no kind '{kind}'."),
        };

        T Strictly<T>() => KubernetesYaml.Deserialize<T>(document, strict: true);
    }

    private static IEnumerable<string> Keys(string variant) => ChartYaml.Read(variant).Keys;
}
