using Hospes.Host.Domains;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Domains;

public sealed class VmConfigurationReaderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _kernel;

    public VmConfigurationReaderTests()
    {
        _kernel = _directory.File("vmlinuz");
        File.WriteAllText(_kernel, "kernel");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_form_as_xm_sends_it_is_read()
    {
        VmConfiguration read = VmConfigurationReader.Read($"""
            (vm (name demo) (memory 64) (maxmem 96) (vcpus 2) (on_reboot destroy) (on_crash rename-restart)
                (uuid 0123456789abcdef0123456789abcdef)
                (image (linux (kernel '{_kernel}') (root '/dev/sda1 ro') (args 'quiet'))))
            """);
        read.Name.Should().Be("demo");
        read.Uuid.Should().Be(Guid.Parse("01234567-89ab-cdef-0123-456789abcdef"));
        read.MemoryMiB.Should().Be(64);
        read.MaximumMemoryMiB.Should().Be(96);
        read.VcpusAvailable.Should().Be(0b11);
        read.OnPoweroff.Should().Be(LifecycleAction.Destroy);
        read.OnReboot.Should().Be(LifecycleAction.Destroy);
        read.OnCrash.Should().Be(LifecycleAction.RenameRestart);
        read.CommandLine.Should().Be("root=/dev/sda1 ro quiet");
        read.Engine.Should().Be("auto");
        read.IsLocalTime.Should().BeFalse();
        VmConfigurationReader.Read($"(vm (name demo) (localtime 1) (image (linux (kernel '{_kernel}'))))").IsLocalTime.Should().BeTrue();
    }

    [Theory]
    [InlineData("(memory 0)", "*memory_dynamic_max must be greater than zero*")]
    [InlineData("(memory -5)", "*memory_dynamic_max must be greater than zero*")]
    [InlineData("(memory lots)", "*memory must be a whole number, not 'lots'*")]
    [InlineData("(memory 99999999999)", "*memory must be a whole number*")]
    [InlineData("(memory 64) (maxmem 32)", "*memory_dynamic_max must be less than or equal to memory_static_max*")]
    [InlineData("(vcpus 0)", "*vcpus must be between 1 and 32*")]
    [InlineData("(vcpus 33)", "*vcpus must be between 1 and 32*")]
    [InlineData("(vcpu_avail 4)", "*vcpu_avail leaves no vcpu online*")]
    [InlineData("(on_crash explode)", "*Invalid event handling mode: crash*'explode'*")]
    [InlineData("(on_xend_stop panic)", "*on_xend_stop must be one of ignore, shutdown, suspend, not 'panic'*")]
    [InlineData("(uuid nonsense)", "*uuid 'nonsense' is not a UUID*")]
    [InlineData("(device (vtpm))", "*class 'vtpm' are not available*vtpm = [...]*")]
    [InlineData("(device (warp-drive))", "*unknown device class 'warp-drive'*")]
    [InlineData("(type hvm)", "*HVM guest support is unavailable*")]
    public void What_cannot_become_a_domain_is_refused_by_name(string extra, string message) =>
        FluentActions.Invoking(() => VmConfigurationReader.Read($"(vm (name demo) {extra} (image (linux (kernel '{_kernel}'))))"))
            .Should().Throw<XendException>().Where(fault => fault.Code == XendError.Generic).WithMessage(message);

    [Theory]
    [InlineData("", "*Invalid Configuration*")]
    [InlineData("(vm (name", "*line 1, column*")]
    [InlineData("(domein (name x))", "*(vm ...) is needed, not (domein ...)*")]
    [InlineData("(vm (name x))", "*(image ...)*")]
    [InlineData("(vm (name x) (image (hvm)))", "HVM guest support is unavailable*")]
    [InlineData("(vm (name x) (image (plan9)))", "*unknown image type 'plan9'*")]
    [InlineData("(vm (name x) (image (linux)))", "*no (kernel ...)*")]
    [InlineData("(vm (name x) (image (linux (kernel vmlinuz))))", "*absolute path, not 'vmlinuz'*")]
    [InlineData("(vm (name x) (image (linux (kernel /nowhere/vmlinuz))))", "Kernel image does not exist: /nowhere/vmlinuz")]
    public void Garbage_is_refused_with_its_place(string form, string message) =>
        FluentActions.Invoking(() => VmConfigurationReader.Read(form)).Should().Throw<XendException>().WithMessage(message);

    [Fact]
    public void A_missing_ramdisk_has_xends_words() =>
        FluentActions.Invoking(() => VmConfigurationReader.Read($"(vm (name x) (image (linux (kernel '{_kernel}') (ramdisk /nowhere/initrd))))"))
            .Should().Throw<XendException>().WithMessage("Kernel ramdisk does not exist: /nowhere/initrd");

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("semi;colon")]
    [InlineData("new\nline")]
    [InlineData("trailing\n")]
    public void Names_that_break_the_rule_are_refused(string name) =>
        FluentActions.Invoking(() => VmConfigurationReader.CheckName(name)).Should().Throw<XendException>().WithMessage("Invalid VM Name");

    [Theory]
    [InlineData("Debian-12.guest_1")]
    [InlineData("group/web:1+2")]
    public void Names_within_the_rule_are_taken(string name) => VmConfigurationReader.CheckName(name).Should().Be(name);
}
