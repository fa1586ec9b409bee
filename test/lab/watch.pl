# Looks for texts, one a line on standard input, at every process and at the files of a few directories, again and again until
# the file $stop is there; then once at every file that changed meanwhile. Prints what it found, tab-separated.
use strict;
use warnings;
no warnings 'recursion';

my ($stop, @often) = @ARGV;
chomp(my @needles = <STDIN>);
my $started = time;
my (%found, %commands, %seen);
my $kind = 'file';
my $sweeps = 0;

sub content {
	my ($path) = @_;
	sysopen my $file, $path, 0 or return '';
	my $text = '';
	1 while sysread $file, $text, 1 << 20, length $text;
	return $text;
}

sub holds {
	my ($text) = @_;
	for (@needles) { return 1 if index($text, $_) >= 0 }
	return 0;
}

sub processes {
	opendir my $proc, '/proc' or die;
	for my $pid (grep /^\d+$/, readdir $proc) {
		for my $name ('cmdline', 'environ') {
			my $text = content("/proc/$pid/$name");
			$commands{(split /\0/, $text)[0] // ''} = 1 if $name eq 'cmdline';
			next unless holds($text);
			$text =~ tr/\0\n\t/ /;
			$found{"$name\t$text"} = 1;
		}
	}
}

# A file with a text: its mode, owner, group, and whether every directory above it lets everyone pass.
sub files {
	my ($directory, $open, $device, $since) = @_;
	opendir my $handle, $directory or return;
	for my $name (readdir $handle) {
		next if $name eq '.' || $name eq '..';
		my $path = $directory eq '/' ? "/$name" : "$directory/$name";
		my @stat = lstat $path or next;
		if (-d _) {
			files($path, $open && ($stat[2] & 1), $device, $since) if $stat[0] == $device;
			next;
		}
		next unless -f _;
		next if $stat[10] < $since;
		my $look = join ' ', @stat[0, 1, 2, 4, 5, 7, 10], $stat[10] > time - 2 ? $sweeps : '';
		next if ($seen{$path} // '') eq $look;
		$seen{$path} = $look;
		next unless holds(content($path));
		my $who = join ':', (getpwuid $stat[4])[0] // $stat[4], (getgrgid $stat[5])[0] // $stat[5];
		$found{sprintf "%s\t%s\t%o\t%s\t%s", $kind, $path, $stat[2] & 07777, $who, $open ? 'open' : 'closed'} = 1;
	}
}

sub look {
	my ($since, @directories) = @_;
	for my $directory (@directories) {
		my @stat = stat $directory or next;
		files($directory, $stat[2] & 1, $stat[0], $since);
	}
}

$| = 1;
print "ready\n";
until (-e $stop) {
	processes();
	look(0, @often);
	$sweeps++;
}
my $ended = time;
%seen = ();
$kind = 'left';
look($started - 1, qw(/ /usr /run /tmp /dev/shm /var/tmp));
print "$_\n" for sort keys %found;
printf "sweeps\t%d\t%d\n", $sweeps, $ended - $started;
print "command\t$_\n" for sort keys %commands;
